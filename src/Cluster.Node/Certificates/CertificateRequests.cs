using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Node.Certificates;

internal static class CertificateRequests
{
    /// <summary>PKCS#10 for the key pair. The subject is empty: the authority decides it.</summary>
    public static byte[] Create(ECDsa key) => new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256).CreateSigningRequest();
}
