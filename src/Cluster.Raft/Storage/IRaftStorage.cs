namespace Cluster.Raft.Storage;

/// <summary>
/// What must survive. <see cref="Append"/> and <see cref="Sync"/> belong to one writer (a thread or loop of the host's); the snapshot methods may be
/// called from any thread. After <see cref="Append"/> or <see cref="Sync"/> has thrown, the storage has failed: every further call throws, and
/// nothing since the last completed <see cref="Sync"/> may be acknowledged.
/// </summary>
public interface IRaftStorage : IDisposable
{
    /// <summary>What was there when it was opened.</summary>
    RecoveredLog Recovered { get; }

    bool HasFailed { get; }

    /// <summary>Takes a batch, in order of sequence. It is durable only after <see cref="Sync"/>.</summary>
    /// <exception cref="RaftStorageException">The disk is full or broken.</exception>
    void Append(PersistBatch batch);

    /// <summary>When it returns, everything appended survives a power cut.</summary>
    /// <exception cref="RaftStorageException">The disk is full or broken.</exception>
    void Sync();

    /// <summary>
    /// Starts a snapshot beside the others. It counts only after <see cref="IRaftSnapshotWriter.Commit"/> and, later, a batch with its
    /// <see cref="SnapshotMark"/>; disposed without commit, it is removed.
    /// </summary>
    IRaftSnapshotWriter CreateSnapshot(SnapshotMetadata snapshot);

    /// <summary>The content of a committed snapshot. Stays readable when a later snapshot replaces it meanwhile. Seekable.</summary>
    Stream OpenSnapshot(SnapshotMetadata snapshot);
}
