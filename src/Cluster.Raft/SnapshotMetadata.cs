using Cluster.Raft.Members;

namespace Cluster.Raft;

/// <summary>A snapshot's place in the log and the configuration that was in force there.</summary>
public sealed record SnapshotMetadata(LogPosition Position, Membership Membership)
{
    public ulong Index => Position.Index;
}
