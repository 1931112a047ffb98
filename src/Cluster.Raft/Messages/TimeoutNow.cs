namespace Cluster.Raft.Messages;

/// <summary>The leader hands over: the receiver campaigns at once.</summary>
public sealed record TimeoutNow(MemberId From, MemberId To, ulong Term) : RaftMessage(From, To, Term);
