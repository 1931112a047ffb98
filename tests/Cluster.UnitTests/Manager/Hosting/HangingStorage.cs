using Cluster.Raft;
using Cluster.Raft.Storage;

namespace Cluster.UnitTests.Manager.Hosting;

/// <summary>A storage whose syncs hang while it is told so.</summary>
internal sealed class HangingStorage(IRaftStorage inner) : IRaftStorage
{
    private readonly ManualResetEventSlim _works = new(initialState: true);
    private readonly ManualResetEventSlim _hangs = new();

    public RecoveredLog Recovered => inner.Recovered;

    public bool HasFailed => inner.HasFailed;

    public bool IsHanging => _hangs.IsSet;

    public void Hang() => _works.Reset();

    public void GoOn() => _works.Set();

    public void Append(PersistBatch batch) => inner.Append(batch);

    public void Sync()
    {
        if (!_works.IsSet) _hangs.Set();
        _works.Wait();
        inner.Sync();
    }

    public IRaftSnapshotWriter CreateSnapshot(SnapshotMetadata snapshot) => inner.CreateSnapshot(snapshot);

    public Stream OpenSnapshot(SnapshotMetadata snapshot) => inner.OpenSnapshot(snapshot);

    public void Dispose()
    {
        inner.Dispose();
        _works.Dispose();
        _hangs.Dispose();
    }
}
