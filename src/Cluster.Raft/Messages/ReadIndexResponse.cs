namespace Cluster.Raft.Messages;

public sealed record ReadIndexResponse(MemberId From, MemberId To, ulong Term, ulong Request, bool Confirmed, ulong Index)
    : RaftMessage(From, To, Term);
