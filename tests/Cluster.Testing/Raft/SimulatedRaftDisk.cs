using Cluster.Raft;
using Cluster.Raft.Storage;

namespace Cluster.Testing.Raft;

/// <summary>
/// A disk that outlives its users. What was appended and not synced is lost in a crash, but for a random beginning (a torn tail, already cut).
/// </summary>
public sealed class SimulatedRaftDisk
{
    private readonly List<PersistBatch> _unsynced = [];
    private readonly Dictionary<LogPosition, (SnapshotMetadata Metadata, byte[] Content)> _snapshots = [];
    private SimulatedRaftStorage? _user;

    /// <summary>What survives.</summary>
    public DurableLog Durable { get; } = new();

    /// <summary>Appends and snapshots fail while it is set.</summary>
    public bool IsFull { get; set; }

    /// <summary>The next append or sync fails, once; what was not synced stays as it is.</summary>
    public bool FailsNext { get; set; }

    public int Syncs { get; private set; }

    public int UnsyncedCount => _unsynced.Count;

    public IRaftStorage Open()
    {
        if (_user is not null)
            throw new RaftStorageException("The disk is in use.", RaftStorageError.Locked);
        var mark = Durable.Mark;
        foreach (var position in _snapshots.Keys.Where(p => p != mark?.Position).ToList())
            _snapshots.Remove(position);
        SnapshotMetadata? snapshot = null;
        if (mark is { } m)
        {
            if (!_snapshots.TryGetValue(m.Position, out var held))
                throw new RaftStorageException($"The snapshot {m.Position} is missing.", RaftStorageError.Corrupt);
            snapshot = held.Metadata;
        }

        var recovered = new RecoveredLog(Durable.HardState, snapshot, Durable.Begin, Durable.Entries.ToArray());
        _user = new SimulatedRaftStorage(this, recovered);
        return _user;
    }

    /// <summary>The user is gone, and with it what was not synced, but for a beginning of random length.</summary>
    /// <returns>How many batches are there all the same, and how many are not.</returns>
    public (int Kept, int Lost) Crash(Random random)
    {
        var survive = random.Next(_unsynced.Count + 1);
        var lost = _unsynced.Count - survive;
        foreach (var batch in _unsynced.Take(survive))
            Durable.Apply(batch);
        _unsynced.Clear();
        _user?.Abandon();
        _user = null;
        return (survive, lost);
    }

    internal void Close()
    {
        // A process that ends leaves its writes in the page cache.
        Sync();
        _user = null;
    }

    internal void Append(PersistBatch batch)
    {
        if (IsFull)
            throw new RaftStorageException("The disk is full.", RaftStorageError.DiskFull);
        FailIfTold();
        if (batch.Snapshot is { } mark && !_snapshots.ContainsKey(mark.Position))
            throw new RaftStorageException($"There is no snapshot {mark.Position}.", RaftStorageError.Corrupt);
        _unsynced.Add(batch);
    }

    internal void Sync()
    {
        FailIfTold();
        Syncs++;
        foreach (var batch in _unsynced)
            Durable.Apply(batch);
        _unsynced.Clear();
        if (_snapshots.Count < 2 || Durable.Mark is not { } mark)
            return;
        foreach (var position in _snapshots.Keys.Where(p => p.Index < mark.Position.Index).ToList())
            _snapshots.Remove(position);
    }

    internal void PutSnapshot(SnapshotMetadata metadata, byte[] content)
    {
        if (IsFull)
            throw new RaftStorageException("The disk is full.", RaftStorageError.DiskFull);
        _snapshots[metadata.Position] = (metadata, content);
    }

    internal byte[] ReadSnapshot(SnapshotMetadata metadata) =>
        _snapshots.TryGetValue(metadata.Position, out var held)
            ? held.Content
            : throw new RaftStorageException($"There is no snapshot {metadata.Position}.", RaftStorageError.Io);

    private void FailIfTold()
    {
        if (!FailsNext)
            return;
        FailsNext = false;
        throw new RaftStorageException("The disk has failed.", RaftStorageError.Io);
    }
}
