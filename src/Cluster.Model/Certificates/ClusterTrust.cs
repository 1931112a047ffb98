using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Ids;

namespace Cluster.Model.Certificates;

/// <summary>
/// What one cluster's members believe: a certificate is good when its chain ends at the cluster's root, it is valid now, and its
/// subject names this cluster. Host names are not checked, since addresses of members change; the identity is in the subject.
/// </summary>
public sealed class ClusterTrust(X509Certificate2 root, ClusterId clusterId, TimeProvider timeProvider)
{
    public X509Certificate2 Root => root;

    public ClusterId ClusterId => clusterId;

    /// <summary>The identity that the certificate proves, or null and why it proves none.</summary>
    public CertificateIdentity? Verify(X509Certificate2? certificate, IEnumerable<X509Certificate2> intermediates, out string refusal)
    {
        refusal = "";
        if (certificate is null)
        {
            refusal = "no certificate was presented";
            return null;
        }

        DateTime now = timeProvider.GetUtcNow().UtcDateTime;
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            refusal = $"the certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u} and it is {now:u} now";
            return null;
        }

        if (!ChainsToRoot(certificate, intermediates, now, out string status))
        {
            refusal = $"the certificate was not issued by this cluster's root ({status})";
            return null;
        }

        CertificateIdentity? identity = CertificateIdentity.TryRead(certificate);
        if (identity is null) refusal = $"the certificate's subject '{certificate.Subject}' names no node";
        else if (identity.ClusterId != clusterId) refusal = $"the certificate is of cluster {identity.ClusterId}, this is cluster {clusterId}";
        return refusal.Length == 0 ? identity : null;
    }

    private bool ChainsToRoot(X509Certificate2 certificate, IEnumerable<X509Certificate2> intermediates, DateTime now, out string status)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        foreach (X509Certificate2 intermediate in intermediates) chain.ChainPolicy.ExtraStore.Add(intermediate);

        bool built = chain.Build(certificate);
        status = string.Join(", ", chain.ChainStatus.Select(s => s.Status.ToString()).Distinct(StringComparer.Ordinal));
        bool atRoot = built && chain.ChainElements.Count > 0
            && CryptographicOperations.FixedTimeEquals(chain.ChainElements[^1].Certificate.RawDataMemory.Span, root.RawDataMemory.Span);
        foreach (X509ChainElement element in chain.ChainElements) element.Certificate.Dispose();
        return atRoot;
    }
}
