using Cluster.Raft;
using Cluster.Raft.Storage;
using Xunit;
using Record = Cluster.Raft.Storage.Record;

namespace Cluster.UnitTests.Raft.Storage;

/// <summary>A power cut leaves a beginning; anything else is damage, and must be refused, not guessed at.</summary>
public sealed class FileRaftStorageDamageTests : IDisposable
{
    private const int SegmentBytes = 16 << 10;

    private readonly TemporaryStorage _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Loses_nothing_that_was_synced_when_the_tail_is_cut_at_any_byte()
    {
        var (bytes, synced, end) = WriteTwoSyncs();
        for (var cut = synced; cut < end; cut++)
        {
            var torn = bytes.ToArray();
            torn.AsSpan(cut).Clear();
            Restore(torn);
            AssertRecovers(atLeast: 3, atMost: cut == end - 1 ? 6 : 5);
        }
    }

    [Fact]
    public void Loses_nothing_that_was_synced_when_the_file_ends_at_any_byte()
    {
        var (bytes, synced, end) = WriteTwoSyncs();
        for (var cut = synced; cut < end; cut += 13)
        {
            Restore(bytes[..cut]);
            AssertRecovers(atLeast: 3, atMost: 6);
        }
    }

    [Fact]
    public void Loses_nothing_that_was_synced_when_any_unsynced_sectors_are_missing()
    {
        var (bytes, synced, end) = WriteTwoSyncs();
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var torn = bytes.ToArray();
            for (var sector = synced / 512 * 512; sector < end; sector += 512)
            {
                var from = Math.Max(sector, synced);
                if (random.Next(2) == 0)
                    torn.AsSpan(from, Math.Min(sector + 512, end) - from).Clear();
            }

            Restore(torn);
            AssertRecovers(atLeast: 3, atMost: 6);
        }
    }

    [Fact]
    public void Refuses_any_flipped_bit_in_what_was_synced()
    {
        var (bytes, _, end) = WriteTwoSyncs();
        for (var at = 0; at < end; at++)
        {
            if (IsPadding(bytes, at))
                continue;
            var flipped = bytes.ToArray();
            flipped[at] ^= (byte)(1 << (at % 8));
            Restore(flipped);
            var e = Assert.Throws<RaftStorageException>(() => _directory.Open(SegmentBytes));
            Assert.NotEqual(RaftStorageError.Io, e.Error);
            Assert.Contains(".seg", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Refuses_zeros_in_the_middle_of_what_was_synced()
    {
        var (bytes, synced, _) = WriteTwoSyncs();
        for (var at = FileHeader.Length; at + 16 < synced; at += 16)
        {
            var zeroed = bytes.ToArray();
            zeroed.AsSpan(at, 16).Clear();
            if (zeroed.AsSpan().SequenceEqual(bytes))
                continue;
            Restore(zeroed);
            var e = Assert.Throws<RaftStorageException>(() => _directory.Open(SegmentBytes));
            Assert.Equal(RaftStorageError.Corrupt, e.Error);
            Assert.Contains("offset", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Refuses_a_torn_record_before_the_newest_segment()
    {
        using (var storage = _directory.Open(SegmentBytes))
        {
            for (ulong i = 1; i <= 60; i++)
                storage.Persist(new PersistBatch(i, null, null, RaftStorageContract.Entries(i, 1, 1, bytes: 700)));
        }

        var path = _directory.Files("*.seg")[0];
        var bytes = File.ReadAllBytes(path);
        var end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0);
        bytes.AsSpan(end - 50).Clear();
        File.WriteAllBytes(path, bytes);

        Assert.Equal(RaftStorageError.Corrupt, Assert.Throws<RaftStorageException>(() => _directory.Open(SegmentBytes)).Error);
    }

    [Fact]
    public void Goes_on_behind_a_cut_tail()
    {
        var (bytes, _, end) = WriteTwoSyncs();
        bytes.AsSpan(end - 3).Clear();
        Restore(bytes);
        using (var storage = _directory.Open(SegmentBytes))
        {
            Assert.True(storage.HadTornTail);
            var next = storage.Recovered.Last.Index + 1;
            storage.Persist(new PersistBatch(1, new HardState(2, default, 0), null, RaftStorageContract.Entries(next, 2, 2)));
        }

        using var again = _directory.Open(SegmentBytes);
        Assert.False(again.HadTornTail);
        Assert.Equal(2UL, again.Recovered.Last.Term);
    }

    /// <summary>Three entries synced; three more, in three records, in one later sync.</summary>
    private (byte[] Bytes, int Synced, int End) WriteTwoSyncs()
    {
        _directory.Erase();
        int synced;
        using (var storage = _directory.Open(SegmentBytes))
        {
            storage.Persist(new PersistBatch(1, new HardState(1, default, 0), null, RaftStorageContract.Entries(1, 1, 2)));
            storage.Persist(new PersistBatch(2, new HardState(1, default, 0), null, RaftStorageContract.Entries(3, 1, 1)));
            synced = EndOf(File.ReadAllBytes(_directory.Files("*.seg")[0]));
            storage.Persist([.. Enumerable.Range(4, 3).Select(i =>
                new PersistBatch((ulong)i, new HardState(1, default, 0), null, RaftStorageContract.Entries((ulong)i, 1, 1, bytes: 300)))]);
        }

        var bytes = File.ReadAllBytes(_directory.Files("*.seg")[0]);
        return (bytes, synced, EndOf(bytes));
    }

    private static int EndOf(byte[] bytes) => bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    /// <summary>Zeros that fill a record up to a multiple of 8, which nothing checks and nothing reads.</summary>
    private static bool IsPadding(byte[] bytes, int at)
    {
        var from = FileHeader.Length;
        if (at < from)
            return false;
        while (Record.TryReadHeader(bytes.AsSpan(from), out var header))
        {
            var next = from + Record.SizeOf(header.PayloadBytes);
            if (at < next)
                return at >= from + Record.ExtentOf(header.PayloadBytes);
            from = next;
        }

        return true;
    }

    private void Restore(ReadOnlySpan<byte> bytes)
    {
        _directory.Erase();
        File.WriteAllBytes(Path.Combine(_directory.Path, "log-0000000000000001.seg"), bytes);
    }

    private void AssertRecovers(int atLeast, int atMost)
    {
        using var storage = _directory.Open(SegmentBytes);
        Assert.InRange(storage.Recovered.Entries.Count, atLeast, atMost);
        Assert.Equal(new HardState(1, default, 0), storage.Recovered.HardState);
    }
}
