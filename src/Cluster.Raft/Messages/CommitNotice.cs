namespace Cluster.Raft.Messages;

/// <summary>Tells a member that has all entries of a new commit. Not answered, unless the member turns out to lack some: the entries were, and a heartbeat follows.</summary>
/// <param name="Sent">The last entry that the leader has sent to the receiver.</param>
/// <param name="Commit">The leader's commit; the receiver goes no further than <paramref name="Sent"/>, and only if it holds that.</param>
public sealed record CommitNotice(MemberId From, MemberId To, ulong Term, LogPosition Sent, ulong Commit) : RaftMessage(From, To, Term);
