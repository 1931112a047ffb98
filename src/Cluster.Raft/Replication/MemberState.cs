namespace Cluster.Raft.Replication;

/// <summary>How a leader sends to a member.</summary>
public enum MemberState
{
    /// <summary>Looking for the place where the logs agree: one message at a time.</summary>
    Probe = 0,

    /// <summary>Known to agree: pipelined within a window.</summary>
    Replicate = 1,

    /// <summary>A snapshot is under way: nothing else is sent.</summary>
    Snapshot = 2,
}
