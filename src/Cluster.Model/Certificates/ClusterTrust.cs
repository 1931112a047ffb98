using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Model.Certificates;

/// <summary>
/// What one cluster's members believe: a certificate is good when its chain ends at a root of the cluster, it is valid now, and its
/// subject names this cluster. Host names are not checked, since addresses of members change; the identity is in the subject. The roots can
/// be exchanged at any time. Thread-safe.
/// </summary>
public sealed class ClusterTrust(TrustedRoots roots, ClusterId clusterId, TimeProvider timeProvider)
{
    /// <summary>Whoever sends more certificates than a chain can have here is not to keep anybody busy.</summary>
    private const int MaxIntermediates = 8;

    private readonly Lock _lock = new();
    private volatile TrustedRoots _roots = roots;
    private TrustedRoots _own = roots;
    private TrustedRoots? _followed;
    private bool _isNewest;

    public ClusterTrust(X509Certificate2 root, ClusterId clusterId, TimeProvider timeProvider)
        : this(new TrustedRoots(root), clusterId, timeProvider)
    {
    }

    public TrustedRoots Roots => _roots;

    /// <summary>The one that certificates are compared with first.</summary>
    public X509Certificate2 Root => _roots.Trusted[0];

    public ClusterId ClusterId => clusterId;

    /// <summary>By which certificates are valid or not.</summary>
    public DateTime UtcNow => timeProvider.GetUtcNow().UtcDateTime;

    /// <summary>What this node has been given to believe with its certificate.</summary>
    public void Replace(TrustedRoots own)
    {
        lock (_lock)
        {
            _own = own;
            Choose();
        }
    }

    /// <summary>
    /// What the rows say, on a manager; null: it is none any more. They know the roots of before too, and an answer that was under way when they changed
    /// is older than they are; so they count, unless it is they that are old.
    /// </summary>
    /// <param name="rows">The roots of the committed row.</param>
    /// <param name="isNewest">There are no newer rows: this manager leads.</param>
    public void Follow(TrustedRoots? rows, bool isNewest)
    {
        lock (_lock)
        {
            (_followed, _isNewest) = (rows, isNewest);
            Choose();
        }
    }

    /// <summary>The node that the certificate proves, or null and why it proves none.</summary>
    public CertificateIdentity? Verify(X509Certificate2? certificate, IEnumerable<X509Certificate2> intermediates, out string refusal) =>
        Judge(certificate, intermediates, _roots, out refusal) >= CertificateStanding.Indirect ? NodeOf(certificate!, out refusal) : null;

    /// <summary>Whether the other end of a TLS connection is a manager of this cluster; for the validation of a server's certificate.</summary>
    public bool IsManager(X509Certificate? certificate, X509Chain? chain) =>
        Verify(certificate as X509Certificate2, chain?.ChainPolicy.ExtraStore ?? [], out _) is { Role: NodeRole.Manager };

    /// <summary>The node that the subject names, when it is one of this cluster; says nothing of who vouches for that.</summary>
    public CertificateIdentity? NodeOf(X509Certificate2 certificate, out string refusal)
    {
        CertificateIdentity? identity = CertificateIdentity.TryRead(certificate);
        refusal = identity is null ? $"the certificate's subject '{certificate.Subject}' names no node" : CheckCluster(identity.ClusterId);
        return refusal.Length == 0 ? identity : null;
    }

    /// <summary>The person that the subject names, when the certificate is of this cluster; says nothing of who vouches for that.</summary>
    public UserIdentity? UserOf(X509Certificate2 certificate, out string refusal)
    {
        UserIdentity? identity = UserIdentity.TryRead(certificate);
        refusal = identity is null ? $"the certificate's subject '{certificate.Subject}' names no user" : CheckCluster(identity.ClusterId);
        return refusal.Length == 0 ? identity : null;
    }

    /// <summary>What the certificate is worth, and why it is not worth everything.</summary>
    public CertificateStanding Judge(X509Certificate2? certificate, IEnumerable<X509Certificate2> intermediates, TrustedRoots roots, out string refusal)
    {
        refusal = CheckTime(certificate);
        if (refusal.Length > 0) return CertificateStanding.None;
        List<X509Certificate2> between = [.. intermediates.Take(MaxIntermediates)];
        string status = "";
        CertificateStanding best = CertificateStanding.None;
        foreach (X509Certificate2 root in roots.Trusted)
        {
            int length = ChainLength(certificate!, between, root, out status);
            if (length == 2) return CertificateStanding.Direct;
            if (length > 2) best = CertificateStanding.Indirect;
        }

        if (best == CertificateStanding.Indirect) return best;
        if (roots.Former.Any(root => ChainLength(certificate!, between, root, out _) > 0))
        {
            refusal = "the certificate was issued by a root that this cluster had before";
            return CertificateStanding.Former;
        }

        refusal = $"the certificate was not issued by this cluster's root ({status})";
        return CertificateStanding.None;
    }

    private void Choose() => _roots = _followed is { } rows && (_isNewest || rows.Generation >= _own.Generation) ? rows : _own;

    private string CheckCluster(ClusterId named) => named == clusterId ? "" : $"the certificate is of cluster {named}, this is cluster {clusterId}";

    /// <summary>Empty: it is valid now.</summary>
    private string CheckTime(X509Certificate2? certificate)
    {
        if (certificate is null) return "no certificate was presented";
        DateTime now = timeProvider.GetUtcNow().UtcDateTime;
        return now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime()
            ? $"the certificate is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u} and it is {now:u} now"
            : "";
    }

    /// <summary>How many certificates lead to the root, both ends counted; 0: none do, and the root itself is nobody's certificate.</summary>
    private int ChainLength(X509Certificate2 certificate, List<X509Certificate2> intermediates, X509Certificate2 root, out string status) =>
        CertificateChain.Length(certificate, intermediates, [root], timeProvider.GetUtcNow().UtcDateTime, out status) is var length and > 1 ? length : 0;
}
