namespace Cluster.Raft.Messages;

/// <summary>A granted pre-vote has the term that was asked for, a refused one the receiver's own.</summary>
public sealed record VoteResponse(MemberId From, MemberId To, ulong Term, bool IsPreVote, bool Granted) : RaftMessage(From, To, Term);
