using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Xunit;

namespace Cluster.UnitTests.Raft.Storage;

/// <summary>Any operation on the disk may fail. What was synced before stays; what failed was never acknowledged; opening again works.</summary>
public sealed class FileRaftStorageFailureTests : IDisposable
{
    private readonly TemporaryStorage _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Keeps_what_was_synced_whichever_operation_fails()
    {
        var failures = 0;
        for (var failing = 1; ; failing++)
        {
            _directory.Erase();
            var disk = new FailingDiskFiles(failing);
            var acknowledged = RunUntilFailure(disk);
            using (var storage = _directory.Open(segmentBytes: 4096))
            {
                Assert.True(storage.Recovered.Last.Index >= acknowledged, $"operation {failing}: {storage.Recovered.Last} after {acknowledged}");
                Assert.Empty(_directory.Files("*.tmp"));
                storage.Persist(new PersistBatch(
                    99, new HardState(9, default, 0), null, RaftStorageContract.Entries(storage.Recovered.Last.Index + 1, 9, 1)));
            }

            if (!disk.HasStruck)
                break;
            failures++;
        }

        Assert.True(failures > 50);
    }

    [Fact]
    public void Refuses_everything_after_a_failed_sync()
    {
        var disk = new FailingDiskFiles(0);
        using var storage = _directory.Open(disk: disk);
        disk.FailNext();
        var batch = new PersistBatch(1, null, null, RaftStorageContract.Entries(1, 1, 1));

        Assert.Equal(RaftStorageError.DiskFull, Assert.Throws<RaftStorageException>(() => storage.Persist(batch)).Error);
        Assert.True(storage.HasFailed);
        Assert.Throws<RaftStorageException>(() => storage.Append(batch));
        Assert.Throws<RaftStorageException>(storage.Sync);
    }

    [Fact]
    public void Survives_a_snapshot_that_cannot_be_written()
    {
        var disk = new FailingDiskFiles(0);
        using var storage = _directory.Open(disk: disk);
        using (var writer = storage.CreateSnapshot(new SnapshotMetadata(new LogPosition(1, 1), Membership.Empty)))
        {
            writer.Content.Write("state"u8);
            disk.FailNext();
            Assert.Throws<RaftStorageException>(writer.Commit);
        }

        Assert.Empty(_directory.Files("snap-*"));
        Assert.False(storage.HasFailed);
        storage.Persist(new PersistBatch(1, null, null, RaftStorageContract.Entries(1, 1, 1)));
    }

    private ulong RunUntilFailure(DiskFiles disk)
    {
        ulong acknowledged = 0;
        try
        {
            using var storage = _directory.Open(segmentBytes: 4096, disk);
            for (ulong i = 1; i <= 30; i++)
            {
                storage.Persist(new PersistBatch(i, new HardState(1, default, 0), null, RaftStorageContract.Entries(i, 1, 1, bytes: 300)));
                acknowledged = i;
                if (i % 10 != 0)
                    continue;
                var snapshot = new SnapshotMetadata(new LogPosition(i, 1), Membership.Empty);
                using (var writer = storage.CreateSnapshot(snapshot))
                    writer.Commit();
                storage.Persist(new PersistBatch(i, null, new SnapshotMark(snapshot.Position, i - 2, ResetsLog: false), []));
            }
        }
        catch (RaftStorageException)
        {
            // What the test is about.
        }

        return acknowledged;
    }
}
