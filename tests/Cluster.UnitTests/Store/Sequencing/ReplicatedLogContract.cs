using Xunit;

namespace Cluster.UnitTests.Store.Sequencing;

/// <summary>What every <see cref="Cluster.Store.Sequencing.IReplicatedLog"/> must do; derive for each implementation.</summary>
public abstract class ReplicatedLogContract
{
    protected abstract IReplicatedLogHarness Create();

    [Fact]
    public void Begins_a_leadership_with_an_empty_entry_of_its_term()
    {
        using IReplicatedLogHarness harness = Create();
        ulong term = harness.BecomeLeader();
        Assert.Contains(harness.Settle(), committed => committed.Term == term && committed.Entry.IsEmpty);
    }

    [Fact]
    public void Commits_what_it_took_in_order_with_the_same_bytes()
    {
        using IReplicatedLogHarness harness = Create();
        ulong term = harness.BecomeLeader();
        harness.Settle();
        for (ulong version = 1; version <= 50; version++) Assert.True(harness.Log.Propose(term, version, Bytes(version)));
        Assert.Equal(Enumerable.Range(1, 50).Select(version => (term, (byte)version)), Data(harness));
    }

    /// <summary>Refused at once, or dropped and reported later: it never commits.</summary>
    [Fact]
    public void Commits_nothing_without_leadership_or_for_another_term()
    {
        using IReplicatedLogHarness harness = Create();
        harness.Log.Propose(1, 1, Bytes(1));
        ulong term = harness.BecomeLeader();
        harness.Settle();
        harness.Log.Propose(term - 1, 1, Bytes(1));
        harness.Log.Propose(term + 1, 1, Bytes(1));
        harness.Settle();
        harness.LoseLeadership();
        harness.Log.Propose(term, 1, Bytes(1));
        Assert.Empty(Data(harness));
    }

    [Fact]
    public void Keeps_what_committed_and_the_order_of_the_rest_over_a_change_of_leadership()
    {
        using IReplicatedLogHarness harness = Create();
        ulong first = harness.BecomeLeader();
        harness.Settle();
        harness.Log.Propose(first, 1, Bytes(1));
        harness.Settle();
        harness.Log.Propose(first, 2, Bytes(2));
        harness.LoseLeadership();
        ulong second = harness.BecomeLeader();
        Assert.True(second > first);
        harness.Settle();
        Assert.True(harness.Log.Propose(second, 3, Bytes(3)));

        List<(ulong, byte)> data = Data(harness);
        Assert.Equal((first, 1), data[0]);
        Assert.Equal((second, 3), data[^1]);
        Assert.True(data.Count == 2 || data[1] == (first, 2));
    }

    private static byte[] Bytes(ulong version) => [(byte)version];

    private static List<(ulong Term, byte Version)> Data(IReplicatedLogHarness harness) =>
        [.. harness.Settle().Where(committed => !committed.Entry.IsEmpty).Select(committed => (committed.Term, committed.Entry.Span[0]))];
}
