namespace Cluster.Raft;

/// <summary>Times in ticks (the host chooses a tick's length; 50 ms suits the defaults), sizes in bytes.</summary>
public sealed record RaftOptions
{
    /// <summary>A follower campaigns after this many silent ticks, randomly up to twice as many.</summary>
    public int ElectionTicks { get; init; } = 10;

    public int HeartbeatTicks { get; init; } = 2;

    /// <summary>A leader whose storage has not finished a batch for so long gives up leadership, and does not campaign while it hangs.</summary>
    public int StorageStallTicks { get; init; } = 40;

    /// <summary>At most this much in one append message (one entry always fits).</summary>
    public int MaxAppendBytes { get; init; } = 1 << 20;

    /// <summary>Append messages to one member without an answer.</summary>
    public int MaxInFlightAppends { get; init; } = 256;

    public long MaxInFlightBytes { get; init; } = 16L << 20;

    /// <summary>What a leader takes in before a quorum has it. A single proposal passes when nothing else waits.</summary>
    public long MaxUncommittedBytes { get; init; } = 64L << 20;

    public int MaxEntryBytes { get; init; } = 16 << 20;

    /// <summary>Kept behind a snapshot for members that lag a little.</summary>
    public int TrailingEntries { get; init; } = 10_000;

    public long TrailingBytes { get; init; } = 16L << 20;

    /// <summary>Reads that wait for a quorum round; more are refused.</summary>
    public int MaxPendingReads { get; init; } = 65_536;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(HeartbeatTicks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ElectionTicks, HeartbeatTicks);
        ArgumentOutOfRangeException.ThrowIfLessThan(StorageStallTicks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAppendBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInFlightAppends, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInFlightBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUncommittedBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEntryBytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(TrailingEntries);
        ArgumentOutOfRangeException.ThrowIfNegative(TrailingBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingReads, 1);
    }
}
