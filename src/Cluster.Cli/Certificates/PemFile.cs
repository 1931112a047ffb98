using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Cli.CommandLine;
using Google.Protobuf;

namespace Cluster.Cli.Certificates;

/// <summary>Certificates and keys in files, as users have them.</summary>
internal static class PemFile
{
    private const long MaxBytes = 64 << 10;

    /// <summary>The first certificate, DER.</summary>
    public static ByteString ReadCertificate(string path)
    {
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(Read(path));
            return ByteString.CopyFrom(certificate.RawData);
        }
        catch (CryptographicException e)
        {
            throw new CliException($"{path} holds no certificate in PEM: {e.Message}");
        }
    }

    /// <summary>An ECDSA or RSA key, PKCS#8.</summary>
    public static ByteString ReadKey(string path)
    {
        string pem = Read(path);
        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal)) throw new CliException($"{path} holds a key under a password: give it without, as 'openssl pkcs8 -topk8 -nocrypt' writes it");
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(pem);
            return ByteString.CopyFrom(key.ExportPkcs8PrivateKey());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return ReadRsaKey(path, pem);
        }
    }

    private static ByteString ReadRsaKey(string path, string pem)
    {
        try
        {
            using RSA key = RSA.Create();
            key.ImportFromPem(pem);
            return ByteString.CopyFrom(key.ExportPkcs8PrivateKey());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CliException($"{path} holds no ECDSA or RSA key in PEM");
        }
    }

    private static string Read(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MaxBytes }) throw new CliException($"{path} is too large for a certificate or a key");
        return File.ReadAllText(path);
    }
}
