namespace Cluster.Raft.Messages;

/// <param name="Previous">The place before the first of <paramref name="Entries"/>; the receiver must hold it.</param>
/// <param name="Entries">Consecutive; may be empty.</param>
/// <param name="Commit">The leader's commit; the receiver goes no further than the last of <paramref name="Entries"/>.</param>
public sealed record AppendRequest(MemberId From, MemberId To, ulong Term, LogPosition Previous, IReadOnlyList<LogEntry> Entries, ulong Commit)
    : RaftMessage(From, To, Term);
