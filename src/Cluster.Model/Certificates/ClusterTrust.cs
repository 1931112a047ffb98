using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Model.Certificates;

/// <summary>
/// What one cluster's members believe: a certificate is good when its chain ends at the cluster's root, it is valid now, and its
/// subject names this cluster. Host names are not checked, since addresses of members change; the identity is in the subject.
/// </summary>
public sealed class ClusterTrust(X509Certificate2 root, ClusterId clusterId, TimeProvider timeProvider)
{
    public X509Certificate2 Root => root;

    public ClusterId ClusterId => clusterId;

    /// <summary>The node that the certificate proves, or null and why it proves none.</summary>
    public CertificateIdentity? Verify(X509Certificate2? certificate, IEnumerable<X509Certificate2> intermediates, out string refusal)
    {
        refusal = Check(certificate, intermediates);
        if (refusal.Length > 0) return null;
        CertificateIdentity? identity = CertificateIdentity.TryRead(certificate!);
        refusal = identity is null ? $"the certificate's subject '{certificate!.Subject}' names no node" : CheckCluster(identity.ClusterId);
        return refusal.Length == 0 ? identity : null;
    }

    /// <summary>The person that the certificate proves, or null and why it proves none.</summary>
    public UserIdentity? VerifyUser(X509Certificate2? certificate, IEnumerable<X509Certificate2> intermediates, out string refusal)
    {
        refusal = Check(certificate, intermediates);
        if (refusal.Length > 0) return null;
        UserIdentity? identity = UserIdentity.TryRead(certificate!);
        refusal = identity is null ? $"the certificate's subject '{certificate!.Subject}' names no user" : CheckCluster(identity.ClusterId);
        return refusal.Length == 0 ? identity : null;
    }

    /// <summary>Whether the other end of a TLS connection is a manager of this cluster; for the validation of a server's certificate.</summary>
    public bool IsManager(X509Certificate? certificate, X509Chain? chain) =>
        Verify(certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore ?? [], out _) is { Role: NodeRole.Manager };

    private string CheckCluster(ClusterId named) => named == clusterId ? "" : $"the certificate is of cluster {named}, this is cluster {clusterId}";

    /// <summary>Empty: it is valid now, and the root vouches for it.</summary>
    private string Check(X509Certificate2? certificate, IEnumerable<X509Certificate2> intermediates)
    {
        if (certificate is null) return "no certificate was presented";
        DateTime now = timeProvider.GetUtcNow().UtcDateTime;
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            return $"the certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u} and it is {now:u} now";
        }

        return ChainsToRoot(certificate, intermediates, now, out string status) ? "" : $"the certificate was not issued by this cluster's root ({status})";
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
