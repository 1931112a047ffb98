namespace Cluster.Raft.Messages;

/// <param name="Last">The end of the candidate's log.</param>
/// <param name="IsPreVote">Asks whether it could win; changes nothing at the receiver.</param>
/// <param name="IsTransfer">The leader has asked for it: a receiver that hears the leader votes nevertheless.</param>
public sealed record VoteRequest(MemberId From, MemberId To, ulong Term, LogPosition Last, bool IsPreVote, bool IsTransfer)
    : RaftMessage(From, To, Term);
