using Cluster.Model.Time;

namespace Cluster.Store.Replication;

/// <summary>What one committed entry changed, by table and key.</summary>
public sealed record ChangeBatch(ulong PreviousVersion, ulong Version, ClusterTime Time, string Actor, IReadOnlyList<Change> Changes);
