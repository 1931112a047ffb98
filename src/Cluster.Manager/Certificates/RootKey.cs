using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Manager.Certificates;

/// <summary>A root's private key, ECDSA or RSA, ready to sign.</summary>
internal sealed class RootKey : IDisposable
{
    private const string RsaOid = "1.2.840.113549.1.1.1";

    private readonly AsymmetricAlgorithm _key;

    private RootKey(AsymmetricAlgorithm key, X509SignatureGenerator generator) => (_key, Generator) = (key, generator);

    public X509SignatureGenerator Generator { get; }

    public PublicKey PublicKey => Generator.PublicKey;

    /// <exception cref="CryptographicException">It is no such key.</exception>
    public static RootKey Load(ReadOnlySpan<byte> pkcs8)
    {
        if (IsRsa(pkcs8))
        {
            RSA rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(pkcs8, out _);
            return new RootKey(rsa, X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1));
        }

        ECDsa ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(pkcs8, out _);
        return new RootKey(ecdsa, X509SignatureGenerator.CreateForECDsa(ecdsa));
    }

    public void Dispose() => _key.Dispose();

    /// <summary>PKCS#8 (RFC 5208): version, then the algorithm, whose first part is its identifier.</summary>
    private static bool IsRsa(ReadOnlySpan<byte> pkcs8)
    {
        try
        {
            AsnReader sequence = new AsnReader(pkcs8.ToArray(), AsnEncodingRules.BER).ReadSequence();
            sequence.ReadInteger();
            return sequence.ReadSequence().ReadObjectIdentifier() == RsaOid;
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException("the key is not in PKCS#8", e);
        }
    }
}
