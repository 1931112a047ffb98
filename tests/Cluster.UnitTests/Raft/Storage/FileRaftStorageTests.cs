using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Xunit;

namespace Cluster.UnitTests.Raft.Storage;

public sealed class FileRaftStorageTests : RaftStorageContract, IDisposable
{
    private readonly TemporaryStorage _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Goes_on_in_the_next_segment_when_one_is_full()
    {
        using (var storage = _directory.Open(segmentBytes: 4096))
        {
            for (ulong i = 1; i <= 50; i++)
                storage.Persist(new PersistBatch(i, new HardState(1, default, i), null, Entries(i, 1, 1, bytes: 500)));
        }

        Assert.True(_directory.Files("*.seg").Count > 5);
        using var again = _directory.Open(segmentBytes: 4096);
        Assert.Equal(50, again.Recovered.Entries.Count);
        Assert.Equal(50UL, again.Recovered.HardState.Commit);
    }

    [Fact]
    public void Removes_segments_that_a_snapshot_covers()
    {
        var snapshot = new SnapshotMetadata(new LogPosition(40, 1), Membership.Empty);
        using (var storage = _directory.Open(segmentBytes: 4096))
        {
            for (ulong i = 1; i <= 50; i++)
                storage.Persist(new PersistBatch(i, new HardState(1, default, i), null, Entries(i, 1, 1, bytes: 500)));
            var before = _directory.Files("*.seg").Count;
            using (var writer = storage.CreateSnapshot(snapshot))
                writer.Commit();
            storage.Persist(new PersistBatch(51, null, new SnapshotMark(snapshot.Position, 38, ResetsLog: false), []));
            Assert.True(_directory.Files("*.seg").Count < before / 2);
        }

        using var again = _directory.Open(segmentBytes: 4096);
        Assert.Equal(snapshot, again.Recovered.Snapshot);
        Assert.Equal(new HardState(1, default, 50), again.Recovered.HardState);
        Assert.Equal(new LogPosition(50, 1), again.Recovered.Last);
        Assert.True(again.Recovered.Begin.Index <= 40);
    }

    [Fact]
    public void Takes_an_entry_that_is_larger_than_a_segment()
    {
        using (var storage = _directory.Open(segmentBytes: 4096))
            storage.Persist(new PersistBatch(1, new HardState(1, default, 0), null, Entries(1, 1, 3, bytes: 100_000)));

        using var again = _directory.Open(segmentBytes: 4096);
        Assert.All(again.Recovered.Entries, e => Assert.Equal(100_000, e.Data.Length));
    }

    [Fact]
    public void Opens_again_however_full_the_segment_was()
    {
        for (var bytes = 3600; bytes <= 3900; bytes += 8)
        {
            _directory.Erase();
            for (ulong life = 1; life <= 3; life++)
            {
                using var storage = _directory.Open(segmentBytes: 4096);
                storage.Persist(new PersistBatch(1, new HardState(1, default, 0), null, Entries(life, 1, 1, bytes: life == 1 ? bytes : 10)));
            }

            using var again = _directory.Open(segmentBytes: 4096);
            Assert.Equal(3, again.Recovered.Entries.Count);
        }
    }

    [Fact]
    public void Splits_a_batch_of_many_megabytes()
    {
        using (var storage = _directory.Open(segmentBytes: 1 << 20))
            storage.Persist(new PersistBatch(1, new HardState(1, default, 0), null, Entries(1, 1, 50, bytes: 100_000)));

        using var again = _directory.Open(segmentBytes: 1 << 20);
        Assert.Equal(50, again.Recovered.Entries.Count);
    }

    [Fact]
    public void Leaves_nothing_readable_on_the_disk()
    {
        var secret = "a marker that nobody may find"u8.ToArray();
        var snapshot = new SnapshotMetadata(new LogPosition(1, 1), Membership.Empty);
        using (var storage = _directory.Open())
        {
            storage.Persist(new PersistBatch(1, new HardState(1, default, 0), null, [new LogEntry(1, 1, EntryKind.Data, secret)]));
            using var writer = storage.CreateSnapshot(snapshot);
            writer.Content.Write(secret);
            writer.Commit();
        }

        Assert.All(_directory.Files("*"), path => Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOf(secret)));
        Assert.All(_directory.Files("*.seg"), path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
    }

    [Fact]
    public void Seals_equal_entries_differently_after_each_opening()
    {
        var batch = new PersistBatch(1, null, null, Entries(1, 1, 1, bytes: 200));
        long tail = 0;
        var records = new List<string>();
        for (var life = 0; life < 3; life++)
        {
            using (var storage = _directory.Open())
                storage.Persist(batch);
            var bytes = File.ReadAllBytes(_directory.Files("*.seg")[0]);
            var end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0);
            records.Add(Convert.ToHexString(bytes.AsSpan(end - 150, 150)));
            Assert.True(end > tail);
            tail = end;
        }

        Assert.Equal(3, records.Distinct().Count());
    }

    [Theory]
    [InlineData(2UL, 3UL, 4UL)]
    [InlineData(1UL, 9UL, 4UL)]
    [InlineData(1UL, 3UL, 9UL)]
    public void Refuses_the_storage_of_someone_else(ulong cluster, ulong incarnation, ulong member)
    {
        _directory.Open().Dispose();
        var other = new StorageIdentity(new UInt128(cluster, 2), incarnation, new MemberId(member));

        var e = Assert.Throws<RaftStorageException>(() => FileRaftStorage.Open(_directory.Path, other, TemporaryStorage.Key, new FileRaftStorageOptions()));
        Assert.Equal(RaftStorageError.ForeignIdentity, e.Error);
        Assert.Contains(TemporaryStorage.Identity.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains(other.ToString(), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_wrong_key()
    {
        _directory.Open().Dispose();

        var e = Assert.Throws<RaftStorageException>(
            () => FileRaftStorage.Open(_directory.Path, TemporaryStorage.Identity, new byte[32], new FileRaftStorageOptions()));
        Assert.Equal(RaftStorageError.WrongKey, e.Error);
    }

    [Fact]
    public void Refuses_a_later_format_with_both_numbers()
    {
        _directory.Open().Dispose();
        var path = _directory.Files("*.seg")[0];
        var bytes = File.ReadAllBytes(path);
        bytes[8] = 77;
        File.WriteAllBytes(path, bytes);

        var e = Assert.Throws<RaftStorageException>(() => _directory.Open());
        Assert.Equal(RaftStorageError.UnknownVersion, e.Error);
        Assert.Contains("version 77", e.Message, StringComparison.Ordinal);
        Assert.Contains("version 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_log_with_a_missing_segment()
    {
        using (var storage = _directory.Open(segmentBytes: 4096))
        {
            for (ulong i = 1; i <= 50; i++)
                storage.Persist(new PersistBatch(i, null, null, Entries(i, 1, 1, bytes: 500)));
        }

        File.Delete(_directory.Files("*.seg")[2]);

        var e = Assert.Throws<RaftStorageException>(() => _directory.Open(segmentBytes: 4096));
        Assert.Equal(RaftStorageError.Corrupt, e.Error);
    }

    [Fact]
    public void Refuses_a_log_whose_snapshot_is_missing_or_damaged()
    {
        var snapshot = new SnapshotMetadata(new LogPosition(1, 1), Membership.Empty);
        using (var storage = _directory.Open())
        {
            using (var writer = storage.CreateSnapshot(snapshot))
                writer.Commit();
            storage.Persist(new PersistBatch(1, null, new SnapshotMark(snapshot.Position, 1, ResetsLog: true), []));
        }

        var path = _directory.Files("*.snap")[0];
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length; at += 7)
        {
            bytes[at] ^= 4;
            File.WriteAllBytes(path, bytes);
            Assert.Throws<RaftStorageException>(() => _directory.Open());
            bytes[at] ^= 4;
        }

        File.Delete(path);
        Assert.Equal(RaftStorageError.Corrupt, Assert.Throws<RaftStorageException>(() => _directory.Open()).Error);
    }

    [Fact]
    public void Removes_what_was_left_unfinished()
    {
        _directory.Open().Dispose();
        File.WriteAllText(Path.Combine(_directory.Path, "log-0000000000000002.seg.tmp"), "half");
        File.WriteAllText(Path.Combine(_directory.Path, "snap-0000000000000002-0000000000000001.snap.1.tmp"), "half");

        _directory.Open().Dispose();
        Assert.Empty(_directory.Files("*.tmp"));
    }

    protected override IRaftStorage Open() => _directory.Open();

    protected override void Erase() => _directory.Erase();
}
