using Cluster.Model.Parsing;
using Cluster.Model.Specs;

namespace Cluster.Model.Validation;

/// <summary>Whether the cluster's settings make sense.</summary>
public static class ClusterSpecValidator
{
    /// <summary>Swarm's minimum for certificates.</summary>
    public static readonly TimeSpan MinCertificateExpiry = TimeSpan.FromHours(1);

    /// <summary>Of a root's certificate or key: every node is sent several roots in one answer, and keeps them.</summary>
    public const int MaxRootBytes = 16 << 10;

    private const int MaxExternalAuthorities = 5;
    private const int MaxUrlLength = 2048;
    private static readonly TimeSpan MaxCertificateExpiry = TimeSpan.FromDays(3650);
    private static readonly TimeSpan MinHeartbeat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxHeartbeat = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinOrphanAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxOrphanAfter = TimeSpan.FromDays(365);

    public static Refusal? Validate(ClusterSpec spec) =>
        Between("certificate expiry", spec.CertificateExpiry, MinCertificateExpiry, MaxCertificateExpiry)
        ?? Between("dispatcher heartbeat", spec.HeartbeatPeriod, MinHeartbeat, MaxHeartbeat)
        ?? Between("time until tasks of a lost node are given up", spec.OrphanAfter, MinOrphanAfter, MaxOrphanAfter)
        ?? CheckExternal(spec.ExternalAuthorities);

    private static Refusal? CheckExternal(ValueList<ExternalAuthority> authorities)
    {
        if (authorities.Count > MaxExternalAuthorities) return Refusal.Invalid($"{authorities.Count} external authorities are too many: up to {MaxExternalAuthorities} are allowed");
        foreach (ExternalAuthority authority in authorities)
        {
            bool isFit = authority.Url.Length <= MaxUrlLength && Uri.TryCreate(authority.Url, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0;
            if (!authority.RootCertificateDer.IsDefault && authority.RootCertificateDer.Length > MaxRootBytes) return Refusal.Invalid($"external authority '{authority.Url}': its root's certificate is too large: up to {MaxRootBytes} bytes are allowed");
            if (!isFit) return Refusal.Invalid($"external authority '{authority.Url}': its url must be https://host[:port]/path, without a password");
        }

        return null;
    }

    private static Refusal? Between(string what, TimeSpan value, TimeSpan shortest, TimeSpan longest) => value < shortest || value > longest
        ? Refusal.Invalid($"{what} {GoDuration.Format(value)} is not allowed: {GoDuration.Format(shortest)} to {GoDuration.Format(longest)}")
        : null;
}
