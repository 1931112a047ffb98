using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Xunit;

namespace Cluster.UnitTests.Raft.Storage;

/// <summary>Another data key while the storage is in use: what is begun afterwards is sealed under it, and the one before is needed until what it seals is gone.</summary>
public sealed class DataKeyRotationTests : IDisposable
{
    private static readonly byte[] Second = [.. TemporaryStorage.Key.Select(b => (byte)(b + 100))];
    private static readonly byte[] Third = [.. TemporaryStorage.Key.Select(b => (byte)(b + 200))];

    private readonly TemporaryStorage _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Reads_what_was_written_under_each_key_and_refuses_to_open_without_one_that_is_needed()
    {
        using (var storage = _directory.Open())
        {
            storage.Persist(Batch(1));
            storage.UseDataKey(Second);
            storage.Persist(Batch(2));
            Assert.True(storage.NeedsDataKey(TemporaryStorage.Key));
        }

        using (var again = _directory.OpenWith([Second, TemporaryStorage.Key]))
            Assert.Equal(2, again.Recovered.Entries.Count);
        Assert.Equal(RaftStorageError.WrongKey, Assert.Throws<RaftStorageException>(() => _directory.OpenWith([Second])).Error);
        Assert.Equal(RaftStorageError.WrongKey, Assert.Throws<RaftStorageException>(() => _directory.Open()).Error);
    }

    [Fact]
    public void Goes_on_in_a_new_segment_when_it_is_opened_with_a_newer_key_than_it_was_written_with()
    {
        using (var storage = _directory.Open())
            storage.Persist(Batch(1));
        using (var storage = _directory.OpenWith([Second, TemporaryStorage.Key]))
        {
            storage.Persist(Batch(2));
            Assert.Equal(2, _directory.Files("*.seg").Count);
        }

        using var again = _directory.OpenWith([Second, TemporaryStorage.Key]);
        Assert.Equal(new LogPosition(2, 1), again.Recovered.Last);
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(3UL)]
    public void Needs_the_older_key_no_more_when_a_snapshot_covers_what_it_seals(ulong snapshotBefore)
    {
        using (var storage = _directory.Open())
        {
            for (ulong index = 1; index <= 3; index++)
                storage.Persist(Batch(index));
            Snapshot(storage, snapshotBefore, 4);

            storage.UseDataKey(Second);
            Assert.True(storage.NeedsDataKey(TemporaryStorage.Key));

            // The very snapshot that is there already, when nothing was written since.
            Snapshot(storage, 3, 5);
            Assert.False(storage.NeedsDataKey(TemporaryStorage.Key));
            Assert.True(storage.NeedsDataKey(Second));
        }

        using var again = _directory.OpenWith([Second]);
        Assert.Equal(new LogPosition(3, 1), again.Recovered.Snapshot!.Position);
        using var content = again.OpenSnapshot(again.Recovered.Snapshot);
        Assert.Equal(3, content.ReadByte());
    }

    [Fact]
    public void Needs_the_key_of_a_snapshot_that_is_being_written()
    {
        using var storage = _directory.Open();
        storage.Persist(Batch(1));
        using (var writer = storage.CreateSnapshot(new SnapshotMetadata(new LogPosition(1, 1), Membership.Empty)))
        {
            storage.UseDataKey(Second);
            Snapshot(storage, 1, 2);
            Assert.True(storage.NeedsDataKey(TemporaryStorage.Key));
        }

        Assert.False(storage.NeedsDataKey(TemporaryStorage.Key));
    }

    /// <summary>The keys are stored, newest first, before the storage uses the new one; a key is forgotten when the storage says so.</summary>
    [Fact]
    public void Loses_nothing_that_was_synced_whichever_operation_of_two_rotations_fails()
    {
        var failures = 0;
        for (var failing = 1; ; failing++)
        {
            _directory.Erase();
            var disk = new FailingDiskFiles(failing);
            List<byte[]> stored = [TemporaryStorage.Key];
            var acknowledged = RunUntilFailure(disk, stored);
            using (var storage = _directory.OpenWith(stored, segmentBytes: 4096))
            {
                Assert.True(storage.Recovered.Last.Index >= acknowledged, $"operation {failing}: {storage.Recovered.Last} after {acknowledged}");
                storage.Persist(Batch(storage.Recovered.Last.Index + 1));
            }

            using (var again = _directory.OpenWith(stored, segmentBytes: 4096))
                Assert.True(again.Recovered.Last.Index > acknowledged);
            if (!disk.HasStruck)
                break;
            failures++;
        }

        Assert.True(failures > 50);
    }

    private ulong RunUntilFailure(DiskFiles disk, List<byte[]> stored)
    {
        ulong acknowledged = 0;
        try
        {
            using var storage = _directory.OpenWith(stored, segmentBytes: 4096, disk);
            ulong sequence = 0;
            foreach (var key in new[] { Second, Third })
            {
                for (var i = 0; i < 8; i++)
                {
                    storage.Persist(Batch(acknowledged + 1, ++sequence));
                    acknowledged++;
                }

                stored.Insert(0, key);
                storage.UseDataKey(key);
                storage.Persist(Batch(acknowledged + 1, ++sequence));
                acknowledged++;
                Snapshot(storage, acknowledged, ++sequence);
                stored.RemoveAll(older => older != key && !storage.NeedsDataKey(older));
                Assert.Single(stored);
            }
        }
        catch (RaftStorageException)
        {
            // As planned.
        }

        return acknowledged;
    }

    private static void Snapshot(FileRaftStorage storage, ulong index, ulong sequence)
    {
        var snapshot = new SnapshotMetadata(new LogPosition(index, 1), Membership.Empty);
        using (var writer = storage.CreateSnapshot(snapshot))
        {
            writer.Content.WriteByte((byte)index);
            writer.Commit();
        }

        storage.Persist(new PersistBatch(sequence, null, new SnapshotMark(snapshot.Position, index, ResetsLog: false), []));
    }

    private static PersistBatch Batch(ulong index) => Batch(index, index);

    private static PersistBatch Batch(ulong index, ulong sequence) =>
        new(sequence, new HardState(1, default, index), null, RaftStorageContract.Entries(index, 1, 1, bytes: 500));
}
