namespace Cluster.Raft.Messages;

/// <param name="Commit">At most what the leader knows the receiver to hold.</param>
/// <param name="Round">The newest read round; the answer confirms leadership for all reads that asked before it began.</param>
public sealed record Heartbeat(MemberId From, MemberId To, ulong Term, ulong Commit, ulong Round) : RaftMessage(From, To, Term);
