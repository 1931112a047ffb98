using Cluster.Model.Parsing;
using Cluster.Model.Specs;

namespace Cluster.Model.Validation;

/// <summary>Whether the cluster's settings make sense.</summary>
public static class ClusterSpecValidator
{
    /// <summary>Swarm's minimum for certificates.</summary>
    public static readonly TimeSpan MinCertificateExpiry = TimeSpan.FromHours(1);

    private static readonly TimeSpan MaxCertificateExpiry = TimeSpan.FromDays(3650);
    private static readonly TimeSpan MinHeartbeat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxHeartbeat = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinOrphanAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxOrphanAfter = TimeSpan.FromDays(365);

    public static Refusal? Validate(ClusterSpec spec) =>
        Between("certificate expiry", spec.CertificateExpiry, MinCertificateExpiry, MaxCertificateExpiry)
        ?? Between("dispatcher heartbeat", spec.HeartbeatPeriod, MinHeartbeat, MaxHeartbeat)
        ?? Between("time until tasks of a lost node are given up", spec.OrphanAfter, MinOrphanAfter, MaxOrphanAfter);

    private static Refusal? Between(string what, TimeSpan value, TimeSpan shortest, TimeSpan longest) => value < shortest || value > longest
        ? Refusal.Invalid($"{what} {GoDuration.Format(value)} is not allowed: {GoDuration.Format(shortest)} to {GoDuration.Format(longest)}")
        : null;
}
