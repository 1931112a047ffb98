using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Testing.Raft;
using Xunit;

namespace Cluster.UnitTests.Raft.Storage;

/// <summary>What every storage keeps, on disk or in memory.</summary>
public abstract class RaftStorageContract
{
    private static readonly Membership Members = Membership.OfVoters(new MemberId(1), new MemberId(2));

    [Fact]
    public void Is_empty_when_new()
    {
        using var storage = Open();

        Assert.True(storage.Recovered.IsEmpty);
        Assert.Equal(LogPosition.Zero, storage.Recovered.Last);
    }

    [Fact]
    public void Recovers_what_was_synced()
    {
        var state = new HardState(3, new MemberId(7), 1);
        using (var storage = Open())
            storage.Persist(new PersistBatch(1, state, null, Entries(1, 2, count: 3)));

        using var again = Open();
        Assert.Equal(state, again.Recovered.HardState);
        Assert.Equal([1UL, 2UL, 3UL], again.Recovered.Entries.Select(e => e.Index));
        Assert.Equal("entry 2@2"u8, again.Recovered.Entries[1].Data.Span);
        Assert.Equal(LogPosition.Zero, again.Recovered.Begin);
        Assert.Null(again.Recovered.Snapshot);
    }

    [Fact]
    public void Cuts_a_conflicting_suffix()
    {
        using (var storage = Open())
        {
            storage.Persist(
                new PersistBatch(1, new HardState(1, default, 0), null, Entries(1, 1, count: 5)),
                new PersistBatch(2, new HardState(2, default, 0), null, Entries(3, 2, count: 1)));
        }

        using var again = Open();
        Assert.Equal([new(1, 1), new(2, 1), new LogPosition(3, 2)], again.Recovered.Entries.Select(e => e.Position));
    }

    [Fact]
    public void Keeps_a_hard_state_without_entries()
    {
        using (var storage = Open())
            storage.Persist(new PersistBatch(1, new HardState(9, new MemberId(2), 0), null, []));

        using var again = Open();
        Assert.Equal(new HardState(9, new MemberId(2), 0), again.Recovered.HardState);
        Assert.False(again.Recovered.IsEmpty);
    }

    [Fact]
    public void Begins_the_log_at_a_saved_snapshot()
    {
        var snapshot = new SnapshotMetadata(new LogPosition(6, 1), Members);
        using (var storage = Open())
        {
            storage.Persist(new PersistBatch(1, new HardState(1, default, 6), null, Entries(1, 1, count: 8)));
            Save(storage, snapshot, "state at 6"u8);
            storage.Persist(new PersistBatch(2, null, new SnapshotMark(snapshot.Position, 4, ResetsLog: false), []));
        }

        using var again = Open();
        Assert.Equal(snapshot, again.Recovered.Snapshot);
        Assert.Equal("state at 6", Read(again, snapshot));
        Assert.Equal(new LogPosition(4, 1), again.Recovered.Begin);
        Assert.Equal([5UL, 6UL, 7UL, 8UL], again.Recovered.Entries.Select(e => e.Index));
    }

    [Fact]
    public void Replaces_the_log_by_an_installed_snapshot()
    {
        var snapshot = new SnapshotMetadata(new LogPosition(100, 7), Members);
        using (var storage = Open())
        {
            storage.Persist(new PersistBatch(1, new HardState(1, default, 2), null, Entries(1, 1, count: 8)));
            Save(storage, snapshot, "state at 100"u8);
            storage.Persist(
                new PersistBatch(2, new HardState(7, default, 100), new SnapshotMark(snapshot.Position, 100, ResetsLog: true), Entries(101, 7, count: 2)));
        }

        using var again = Open();
        Assert.Equal(snapshot, again.Recovered.Snapshot);
        Assert.Equal(snapshot.Position, again.Recovered.Begin);
        Assert.Equal([101UL, 102UL], again.Recovered.Entries.Select(e => e.Index));
    }

    [Fact]
    public void Forgets_a_snapshot_that_never_became_the_beginning()
    {
        var (kept, orphan) = (new SnapshotMetadata(new LogPosition(2, 1), Members), new SnapshotMetadata(new LogPosition(9, 1), Members));
        using (var storage = Open())
        {
            storage.Persist(new PersistBatch(1, new HardState(1, default, 2), null, Entries(1, 1, count: 3)));
            Save(storage, kept, "kept"u8);
            storage.Persist(new PersistBatch(2, null, new SnapshotMark(kept.Position, 2, ResetsLog: false), []));
            Save(storage, orphan, "orphan"u8);
        }

        using var again = Open();
        Assert.Equal(kept, again.Recovered.Snapshot);
        Assert.Throws<RaftStorageException>(() => again.OpenSnapshot(orphan).Dispose());
    }

    [Fact]
    public void Leaves_nothing_of_a_snapshot_that_was_not_committed()
    {
        var snapshot = new SnapshotMetadata(new LogPosition(2, 1), Members);
        using var storage = Open();
        using (var writer = storage.CreateSnapshot(snapshot))
            writer.Content.Write("half"u8);

        Assert.Throws<RaftStorageException>(() => storage.OpenSnapshot(snapshot).Dispose());
    }

    [Fact]
    public void Refuses_to_begin_the_log_at_a_snapshot_that_is_not_there()
    {
        using (var storage = Open())
        {
            storage.Persist(new PersistBatch(1, new HardState(1, default, 2), null, Entries(1, 1, count: 3)));
            var mark = new SnapshotMark(new LogPosition(9, 1), 9, ResetsLog: true);

            Assert.Throws<RaftStorageException>(() => storage.Persist(new PersistBatch(2, null, mark, [])));
            Assert.True(storage.HasFailed);
        }

        using var again = Open();
        Assert.Equal(3, again.Recovered.Entries.Count);
    }

    [Fact]
    public void Reads_a_snapshot_while_a_later_one_replaces_it()
    {
        var (first, second) = (new SnapshotMetadata(new LogPosition(2, 1), Members), new SnapshotMetadata(new LogPosition(3, 1), Members));
        using var storage = Open();
        storage.Persist(new PersistBatch(1, new HardState(1, default, 3), null, Entries(1, 1, count: 3)));
        Save(storage, first, "first"u8);
        storage.Persist(new PersistBatch(2, null, new SnapshotMark(first.Position, 2, ResetsLog: false), []));
        using var open = storage.OpenSnapshot(first);
        Save(storage, second, "second"u8);
        storage.Persist(new PersistBatch(3, null, new SnapshotMark(second.Position, 3, ResetsLog: false), []));

        using var reader = new StreamReader(open);
        Assert.Equal("first", reader.ReadToEnd());
        Assert.Equal("second", Read(storage, second));
        Assert.Throws<RaftStorageException>(() => storage.OpenSnapshot(first).Dispose());
    }

    [Fact]
    public void Seeks_in_a_snapshot_of_several_chunks()
    {
        var content = new byte[(3 << 20) + 17];
        new Random(1).NextBytes(content);
        var snapshot = new SnapshotMetadata(new LogPosition(2, 1), Members);
        using var storage = Open();
        Save(storage, snapshot, content);

        using var stream = storage.OpenSnapshot(snapshot);
        Assert.Equal(content.Length, stream.Length);
        foreach (var at in new[] { 0, 1 << 20, (1 << 20) - 1, 3 << 20, content.Length - 1 })
        {
            stream.Position = at;
            var read = new byte[Math.Min(5, content.Length - at)];
            stream.ReadExactly(read);
            Assert.True(content.AsSpan(at, read.Length).SequenceEqual(read));
        }
    }

    [Fact]
    public void Refuses_a_second_user()
    {
        using var storage = Open();

        var e = Assert.Throws<RaftStorageException>(Open);
        Assert.Equal(RaftStorageError.Locked, e.Error);
    }

    [Fact]
    public void Agrees_with_the_model_over_random_histories()
    {
        for (var seed = 1; seed <= 20; seed++)
            Compare(new Random(seed));
    }

    protected abstract IRaftStorage Open();

    /// <summary>An empty disk for the next opening.</summary>
    protected abstract void Erase();

    internal static LogEntry[] Entries(ulong first, ulong term, int count, int bytes = 0) =>
    [
        .. Enumerable.Range(0, count).Select(i => first + (ulong)i).Select(index => new LogEntry(
            index, term, EntryKind.Data, bytes > 0 ? new byte[bytes] : System.Text.Encoding.UTF8.GetBytes($"entry {index}@{term}"))),
    ];

    private static void Save(IRaftStorage storage, SnapshotMetadata snapshot, ReadOnlySpan<byte> content)
    {
        using var writer = storage.CreateSnapshot(snapshot);
        writer.Content.Write(content);
        writer.Commit();
    }

    private static string Read(IRaftStorage storage, SnapshotMetadata snapshot)
    {
        using var reader = new StreamReader(storage.OpenSnapshot(snapshot));
        return reader.ReadToEnd();
    }

    private void Compare(Random random)
    {
        Erase();
        var model = new DurableLog();
        var (sequence, term) = (0UL, 1UL);
        for (var life = 0; life < 5; life++)
        {
            using var storage = Open();
            Assert.Equal(model.HardState, storage.Recovered.HardState);
            Assert.Equal(model.Mark?.Position, storage.Recovered.Snapshot?.Position);
            Assert.Equal(
                model.Entries.Select(e => (e.Position, e.Kind, Convert.ToHexString(e.Data.Span))).Where(e => e.Position.Index > storage.Recovered.Begin.Index),
                storage.Recovered.Entries.Select(e => (e.Position, e.Kind, Convert.ToHexString(e.Data.Span))).Where(e => e.Position.Index > model.Begin.Index));
            for (var i = random.Next(30); i > 0; i--)
            {
                var batch = DrawBatch(random, model, storage, ++sequence, ref term);
                model.Apply(batch);
                storage.Persist(batch);
            }
        }
    }

    private static PersistBatch DrawBatch(Random random, DurableLog model, IRaftStorage storage, ulong sequence, ref ulong term)
    {
        if (random.Next(4) == 0)
            term++;
        var floor = model.Mark?.Position.Index ?? 0;
        var first = (ulong)random.NextInt64((long)floor, (long)model.LastIndex + 1) + 1;
        if (random.Next(3) != 0 || first <= model.LastIndex)
            first = random.Next(5) == 0 ? first : model.LastIndex + 1;
        SnapshotMark? mark = null;
        if (random.Next(6) == 0 && model.LastIndex > floor)
        {
            var entry = model.Entries[^1];
            mark = new SnapshotMark(entry.Position, (ulong)random.NextInt64((long)model.Begin.Index, (long)entry.Index + 1), ResetsLog: false);
            first = model.LastIndex + 1;
        }
        else if (random.Next(12) == 0)
        {
            mark = new SnapshotMark(new LogPosition(model.LastIndex + 10, term), model.LastIndex + 10, ResetsLog: true);
            first = model.LastIndex + 11;
        }

        if (mark is { } m)
            Save(storage, new SnapshotMetadata(m.Position, Members), "state"u8);
        var entries = Enumerable.Range(0, random.Next(5)).Select(i => new LogEntry(first + (ulong)i, 0, EntryKind.Data, new byte[random.Next(2_000)])).ToList();
        var t = term;
        return new PersistBatch(sequence, new HardState(term, new MemberId((ulong)random.Next(3)), 0), mark, [.. entries.Select(e => e with { Term = t })]);
    }
}
