namespace Cluster.Model.Specs;

/// <summary>Settings of the whole cluster, with Swarm's defaults.</summary>
public sealed record ClusterSpec
{
    /// <summary>Ended tasks that are kept for each slot; negative keeps all.</summary>
    public int TaskHistoryLimit { get; init; } = 5;

    public TimeSpan HeartbeatPeriod { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan CertificateExpiry { get; init; } = TimeSpan.FromDays(90);

    /// <summary>After this time a task of a node that is down is given up.</summary>
    public TimeSpan OrphanAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Managers keep their keys sealed under the cluster's unlock key.</summary>
    public bool Autolock { get; init; }

    /// <summary>Who signs certificates instead of the managers, in the order in which they are tried; empty: the managers do.</summary>
    public ValueList<ExternalAuthority> ExternalAuthorities { get; init; } = [];
}
