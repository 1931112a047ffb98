namespace Cluster.Benchmarks.Quorum;

/// <summary>Three processes that agree on entries.</summary>
internal interface IMeasuredGroup : IAsyncDisposable
{
    string Name { get; }

    (TimeSpan Processor, long Switches) Cost { get; }

    /// <summary>Returns when the entry is with a quorum, synced, and applied by the leader.</summary>
    Task AppendAsync(CancellationToken ct);
}
