using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model;

namespace Cluster.Manager.Certificates;

/// <summary>A certificate request whose signature proved that the sender has the key. Only the key is taken from it.</summary>
internal sealed record SigningRequest(PublicKey PublicKey, ImmutableArray<byte> PublicKeyDigest, ImmutableArray<byte> Der)
{
    private const int MaxBytes = 8192;
    private const string P256Oid = "1.2.840.10045.3.1.7";

    public static Result<SigningRequest> Read(ReadOnlySpan<byte> der)
    {
        if (der.Length is 0 or > MaxBytes) return Refusal.Invalid($"csr_der: {der.Length} bytes; a PKCS#10 request of up to {MaxBytes} bytes is expected");
        try
        {
            CertificateRequest request = CertificateRequest.LoadSigningRequest(der.ToArray(), HashAlgorithmName.SHA256, out int read);
            if (read != der.Length) return Refusal.Invalid("csr_der: bytes follow the PKCS#10 request");
            using ECDsa? key = request.PublicKey.GetECDsaPublicKey();
            if (key is null || key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value != P256Oid)
            {
                return Refusal.Invalid("csr_der: the key must be ECDSA on P-256");
            }

            return new SigningRequest(request.PublicKey, [.. SHA256.HashData(request.PublicKey.ExportSubjectPublicKeyInfo())], [.. der]);
        }
        catch (CryptographicException e)
        {
            return Refusal.Invalid($"csr_der: not a PKCS#10 request that its own key signed ({e.Message})");
        }
    }
}
