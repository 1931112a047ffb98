using Cluster.Raft;

namespace Cluster.Manager.Hosting;

/// <summary>What Raft tells the control thread, in order: a snapshot that replaces the state, then entries to apply, then where leadership stands.</summary>
internal sealed record RaftProgress(
    RestoredState? Restore,
    IReadOnlyList<LogEntry> Committed,
    IReadOnlyList<ReadResult> Reads,
    ulong Term,
    RaftRole Role,
    MemberId Leader,
    bool LeaderIsEstablished);
