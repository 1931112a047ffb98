namespace Cluster.Raft;

/// <summary>
/// What the storage must sync, in the order of <paramref name="Sequence"/>. Within a batch: the mark first, then the entries (the first one cuts
/// whatever the log holds from its index on), with the hard state.
/// </summary>
public sealed record PersistBatch(ulong Sequence, HardState? HardState, SnapshotMark? Snapshot, IReadOnlyList<LogEntry> Entries);
