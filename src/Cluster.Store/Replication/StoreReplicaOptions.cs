namespace Cluster.Store.Replication;

/// <summary>How much history a replica keeps for watchers: whichever limit is met first.</summary>
public sealed record StoreReplicaOptions
{
    public int MaxHistoryBatches { get; init; } = 10_000;

    /// <summary>Changed rows; each may hold on to the row before and after.</summary>
    public int MaxHistoryRows { get; init; } = 100_000;

    /// <summary>What one answer to a watcher holds at most.</summary>
    public int MaxWindowBatches { get; init; } = 256;
}
