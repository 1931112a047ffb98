namespace Cluster.Raft.Messages;

/// <summary>The numbers are on the wire and never used again for something else.</summary>
internal enum RaftMessageKind : byte
{
    Unspecified = 0,
    VoteRequest = 1,
    VoteResponse = 2,
    AppendRequest = 3,
    AppendResponse = 4,
    Heartbeat = 5,
    HeartbeatResponse = 6,
    InstallSnapshot = 7,
    TimeoutNow = 8,
    ReadIndexRequest = 9,
    ReadIndexResponse = 10,
    CommitNotice = 11,
}
