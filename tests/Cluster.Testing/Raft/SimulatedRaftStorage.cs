using Cluster.Raft;
using Cluster.Raft.Storage;

namespace Cluster.Testing.Raft;

/// <summary>One opening of a <see cref="SimulatedRaftDisk"/>: the in-memory twin of the file storage.</summary>
internal sealed class SimulatedRaftStorage(SimulatedRaftDisk disk, RecoveredLog recovered) : IRaftStorage
{
    private bool _isGone;

    public RecoveredLog Recovered => recovered;

    public bool HasFailed { get; private set; }

    public void Append(PersistBatch batch) => Guard(() => disk.Append(batch));

    public void Sync() => Guard(disk.Sync);

    public IRaftSnapshotWriter CreateSnapshot(SnapshotMetadata snapshot)
    {
        ObjectDisposedException.ThrowIf(_isGone, this);
        return new SnapshotWriter(disk, snapshot);
    }

    public Stream OpenSnapshot(SnapshotMetadata snapshot)
    {
        ObjectDisposedException.ThrowIf(_isGone, this);
        return new MemoryStream(disk.ReadSnapshot(snapshot), writable: false);
    }

    public void Dispose()
    {
        if (_isGone)
            return;
        _isGone = true;
        disk.Close();
    }

    /// <summary>The process is gone without a word.</summary>
    internal void Abandon() => _isGone = true;

    private void Guard(Action action)
    {
        ObjectDisposedException.ThrowIf(_isGone, this);
        if (HasFailed)
            throw new RaftStorageException("The storage has failed before.", RaftStorageError.Io);
        try
        {
            action();
        }
        catch (RaftStorageException)
        {
            HasFailed = true;
            throw;
        }
    }

    private sealed class SnapshotWriter(SimulatedRaftDisk disk, SnapshotMetadata metadata) : IRaftSnapshotWriter
    {
        private readonly MemoryStream _content = new();

        public Stream Content => _content;

        public void Commit() => disk.PutSnapshot(metadata, _content.ToArray());

        public void Dispose() => _content.Dispose();
    }
}
