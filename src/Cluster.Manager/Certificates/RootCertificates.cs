using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Manager.Certificates;

/// <summary>Makes a cluster's root: ECDSA P-256, 20 years, backdated by an hour for clocks that differ (Swarm's values).</summary>
internal static class RootCertificates
{
    private const int Years = 20;

    public static RootAuthority Create(ClusterId clusterId, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X500DistinguishedNameBuilder subject = new();
        subject.AddOrganizationName(clusterId.ToString());
        subject.AddCommonName("cluster-ca");
        CertificateRequest request = new(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 1, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 root = request.CreateSelfSigned(now - RootAuthorityIssuer.Backdating, now.AddYears(Years));
        return new RootAuthority([.. root.RawData], [.. key.ExportPkcs8PrivateKey()]);
    }
}
