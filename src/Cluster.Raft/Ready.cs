using Cluster.Raft.Messages;

namespace Cluster.Raft;

/// <summary>What a host must do now; see the README for the order. Each item is handed out once.</summary>
public sealed record Ready
{
    /// <summary>To be synced; report with <see cref="RaftCore.Persisted"/>. Batches may be joined in one sync, never reordered or skipped.</summary>
    public PersistBatch? Batch { get; init; }

    /// <summary>May be sent at once, before <see cref="Batch"/> is synced: what has to wait is still held by the core.</summary>
    public required IReadOnlyList<RaftMessage> Messages { get; init; }

    /// <summary>A synced snapshot that replaces the state machine, before <see cref="Committed"/> is applied.</summary>
    public SnapshotMetadata? Restore { get; init; }

    /// <summary>Committed and synced here: to be applied in order. Empty and configuration entries are among them.</summary>
    public required IReadOnlyList<LogEntry> Committed { get; init; }

    public required IReadOnlyList<ReadResult> Reads { get; init; }

    public required ulong Term { get; init; }

    public required RaftRole Role { get; init; }

    /// <summary>The leader of <see cref="Term"/> as far as known.</summary>
    public required MemberId Leader { get; init; }

    /// <summary>
    /// True for a leader that has committed an entry of its own term: only then does it know all that was committed before it.
    /// </summary>
    public required bool LeaderIsEstablished { get; init; }
}
