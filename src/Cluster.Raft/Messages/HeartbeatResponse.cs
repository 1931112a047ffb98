namespace Cluster.Raft.Messages;

public sealed record HeartbeatResponse(MemberId From, MemberId To, ulong Term, ulong Round) : RaftMessage(From, To, Term);
