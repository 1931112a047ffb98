namespace Cluster.Raft;

/// <summary>
/// What must be synced before a member speaks for its term. <paramref name="Commit"/> is a hint that lets a restarted member deliver what it
/// knew to be committed before a leader tells it; it may lag.
/// </summary>
public readonly record struct HardState(ulong Term, MemberId VotedFor, ulong Commit);
