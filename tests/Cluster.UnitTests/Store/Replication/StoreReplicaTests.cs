using Cluster.Api.Codec;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Snapshots;
using Cluster.Testing.Store;
using Xunit;

namespace Cluster.UnitTests.Store.Replication;

public sealed class StoreReplicaTests
{
    private static byte[] Entry(StoreSnapshot basis, out StoreSnapshot after, Action<WorkingTransaction> body)
    {
        WorkingTransaction transaction = new(basis, basis.Time + TimeSpan.FromSeconds(1));
        body(transaction);
        after = transaction.Seal();
        return EntryBuilder.Build(transaction, 1, "test", default);
    }

    private static StoreReplica WithVersions(StoreReplicaOptions options, int count)
    {
        StoreReplica replica = new(options);
        for (int i = 1; i <= count; i++) Assert.True(replica.Apply(Entry(replica.Committed, out _, tx => tx.Put(StoreRows.Task((ulong)i)))).Applied);
        return replica;
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Equals_the_state_that_was_sealed_after_every_entry(int seed)
    {
        Random random = new(seed);
        StoreWorkload workload = new(random);
        StoreReplica one = new(new()), two = new(new());
        StoreSnapshot head = StoreSnapshot.Empty;
        for (int i = 0; i < 120; i++)
        {
            byte[] entry = Entry(head, out StoreSnapshot after, tx => workload.Change(tx, random.Next(1, 40)));
            if (ReferenceEquals(head, after)) continue;
            head = after;
            ApplyResult first = one.Apply(entry), second = two.Apply(entry);
            Assert.Equal(SnapshotWriter.Digest(head), SnapshotWriter.Digest(one.Committed));
            Assert.Equal(SnapshotWriter.Digest(head), SnapshotWriter.Digest(two.Committed));
            Assert.Equal(first.Batch!.Changes, second.Batch!.Changes);
        }

        Assert.True(one.Committed.Version > 50);
    }

    [Fact]
    public void Lets_a_port_and_a_name_go_from_one_row_to_another_in_one_entry()
    {
        StoreReplica replica = new(new());
        replica.Apply(Entry(replica.Committed, out _, tx =>
        {
            tx.Put(StoreRows.Claim(1, 80, 1));
            tx.Put(StoreRows.Service(1, "web"));
        }));
        ApplyResult result = replica.Apply(Entry(replica.Committed, out _, tx =>
        {
            tx.DeletePortClaim(StoreRows.Claim(1, 80, 1).Key);
            tx.Put(StoreRows.Claim(1, 80, 2));
            tx.DeleteService(new(1));
            tx.Put(StoreRows.Service(2, "web"));
        }));

        Assert.Equal(2ul, (ulong)replica.Committed.GetPortClaim(StoreRows.Claim(1, 80, 2).Key)!.TaskId.Value);
        Assert.Equal(2ul, (ulong)replica.Committed.FindServiceByName("web")!.Id.Value);
        Assert.Contains(result.Batch!.Changes, change => change is { Table: Table.PortClaims, Before: not null, After: not null });
    }

    [Fact]
    public void Skips_an_entry_whose_predecessor_was_not_applied_and_what_rests_on_it()
    {
        StoreReplica replica = WithVersions(new(), 3);
        byte[] lost = Entry(replica.Committed, out StoreSnapshot four, tx => tx.Put(StoreRows.Service(4)));
        byte[] five = Entry(four, out StoreSnapshot fifth, tx => tx.Put(StoreRows.Service(5)));
        byte[] six = Entry(fifth, out _, tx => tx.Put(StoreRows.Service(6)));
        Assert.NotEmpty(lost);

        Assert.False(replica.Apply(five).Applied);
        Assert.False(replica.Apply(six).Applied);
        Assert.Equal(3ul, replica.Committed.Version);
        Assert.True(replica.Apply(lost).Applied);
        Assert.False(replica.Apply(lost).Applied);
        Assert.True(replica.Apply(five).Applied);
    }

    [Fact]
    public void Goes_over_to_a_new_incarnation_and_refuses_the_old_one_after()
    {
        StoreReplica replica = WithVersions(new(), 1);
        StoreEntry entry = EntryCodec.Decode(Entry(replica.Committed, out _, tx => tx.Put(StoreRows.Service(1))));
        Assert.True(replica.Apply(EntryCodec.Encode(entry with { Incarnation = 2 })).Applied);
        Assert.Equal((2ul, 2ul), (replica.Committed.Incarnation, replica.Committed.Version));
        Assert.False(replica.Apply(EntryCodec.Encode(entry with { Incarnation = 1, PreviousVersion = 2, Version = 3 })).Applied);
    }

    [Fact]
    public void Changes_nothing_for_empty_data() => Assert.False(WithVersions(new(), 1).Apply(ReadOnlyMemory<byte>.Empty).Applied);

    [Fact]
    public void Refuses_what_it_cannot_read_and_keeps_its_state()
    {
        StoreReplica replica = WithVersions(new(), 2);
        StoreSnapshot before = replica.Committed;
        Assert.Throws<CodecException>(() => replica.Apply(new byte[] { 0xff, 0xff, 0xff }));
        Assert.Same(before, replica.Committed);
    }

    [Fact]
    public void Gives_watchers_each_version_once_in_order()
    {
        StoreReplica replica = WithVersions(new() { MaxWindowBatches = 4 }, 10);
        List<ulong> seen = [];
        ulong version = 0;
        while (replica.WatchFrom(version) is { Batches.Length: > 0 } window)
        {
            Assert.All(window.Batches, batch => Assert.Equal(batch.PreviousVersion, batch.Version - 1));
            seen.AddRange(window.Batches.Select(batch => batch.Version));
            version = window.Batches[^1].Version;
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(i => (ulong)i), seen);
        Assert.False(replica.WatchFrom(10).Compacted);
        Assert.Empty(replica.WatchFrom(ulong.MaxValue).Batches);
    }

    [Fact]
    public void Tells_a_watcher_that_its_version_is_compacted_when_too_many_batches_followed()
    {
        StoreReplica replica = WithVersions(new() { MaxHistoryBatches = 3 }, 10);
        Assert.True(replica.WatchFrom(6).Compacted);
        Assert.Equal([8ul, 9, 10], replica.WatchFrom(7).Batches.Select(batch => batch.Version));
    }

    [Fact]
    public void Counts_rows_and_keeps_at_least_the_newest_batch()
    {
        StoreReplica replica = WithVersions(new() { MaxHistoryRows = 5 }, 10);
        Assert.True(replica.WatchFrom(4).Compacted);
        Assert.Equal(5, replica.WatchFrom(5).Batches.Length);
        replica.Apply(Entry(replica.Committed, out _, tx =>
        {
            for (ulong id = 100; id < 120; id++) tx.Put(StoreRows.Task(id));
        }));
        Assert.True(replica.WatchFrom(9).Compacted);
        Assert.Single(replica.WatchFrom(10).Batches);
    }

    [Fact]
    public void Makes_watchers_list_again_after_a_snapshot()
    {
        StoreReplica source = WithVersions(new(), 5), replica = WithVersions(new(), 2);
        replica.Restore(source.Committed);
        Assert.True(replica.WatchFrom(2).Compacted);
        Assert.False(replica.WatchFrom(5).Compacted);
        Assert.Equal(new ClusterTime(5 * TimeSpan.TicksPerSecond), replica.Committed.Time);
    }
}
