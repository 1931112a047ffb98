using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Benchmarks.Raft;

/// <summary>A lone member on a real disk, driven the way a host does, on one thread.</summary>
internal sealed class MeasuredMember : IDisposable
{
    private readonly CountingDiskFiles _disk = new();
    private readonly FileRaftStorage _storage;
    private readonly RaftCore _core;
    private readonly byte[] _data;

    public MeasuredMember(string directory, int entryBytes)
    {
        var self = new MemberId(1);
        var options = new FileRaftStorageOptions();
        _storage = FileRaftStorage.Open(directory, new StorageIdentity(1, 1, self), new byte[32], options, _disk);
        _core = new RaftCore(self, new RaftOptions(), RaftBootstrap.Initialize(_storage, Membership.OfVoters(self)), new Random(1));
        _data = new byte[entryBytes];
        _core.Campaign();
        while (!_core.LeaderIsEstablished)
            Pump();
    }

    public int BytesPerSync => (int)(_disk.Bytes / Math.Max(1, _disk.Syncs));

    /// <returns>Entries per second.</returns>
    public double Run(int outstanding, TimeSpan time, CancellationToken ct)
    {
        _disk.Reset();
        var started = TimeProvider.System.GetTimestamp();
        long entries = 0;
        TimeSpan elapsed;
        do
        {
            ct.ThrowIfCancellationRequested();
            for (var i = 0; i < outstanding; i++)
                _core.Propose([_data]);
            while (_core.CommitIndex < _core.LastIndex)
                Pump();
            entries += outstanding;
            elapsed = TimeProvider.System.GetElapsedTime(started);
        }
        while (elapsed < time);
        return entries / elapsed.TotalSeconds;
    }

    public void Dispose() => _storage.Dispose();

    private void Pump()
    {
        if (_core.TakeReady().Batch is { } batch)
            _core.Persisted(_storage.Persist(batch));
    }

    private sealed class CountingDiskFiles : DiskFiles
    {
        public long Bytes { get; private set; }

        public long Syncs { get; private set; }

        public void Reset() => Bytes = Syncs = 0;

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
        {
            Bytes += bytes.Length;
            base.Write(file, bytes, offset);
        }

        public override void DataSync(SafeFileHandle file, string path)
        {
            Syncs++;
            base.DataSync(file, path);
        }
    }
}
