namespace Cluster.Raft.Messages;

/// <summary>Answers an append or a snapshot.</summary>
/// <param name="Accepted">Everything up to <paramref name="Index"/> is as the leader has it, and synced.</param>
/// <param name="Index">When refused, the index of the previous place that did not match (0 when only the term was too old).</param>
/// <param name="Hint">When refused, the last place of the receiver that could match: the leader skips whole terms with it.</param>
public sealed record AppendResponse(MemberId From, MemberId To, ulong Term, bool Accepted, ulong Index, LogPosition Hint)
    : RaftMessage(From, To, Term);
