namespace Cluster.Raft;

/// <summary>
/// Tells the storage that the snapshot at <paramref name="Position"/>, whose file is already in place, is now the log's beginning.
/// </summary>
/// <param name="Position">The last entry that the snapshot covers.</param>
/// <param name="CompactThrough">Entries up to here may be forgotten; at most the position's index.</param>
/// <param name="ResetsLog">The snapshot came from the leader and the log does not hold the position: all entries go.</param>
public readonly record struct SnapshotMark(LogPosition Position, ulong CompactThrough, bool ResetsLog);
