namespace Cluster.Raft.Storage;

public sealed record FileRaftStorageOptions
{
    /// <summary>A segment's size; one that must take a larger record is larger.</summary>
    public int SegmentBytes { get; init; } = 64 << 20;
}
