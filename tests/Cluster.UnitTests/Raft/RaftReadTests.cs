using Cluster.Raft;
using Cluster.Raft.Messages;
using Xunit;

namespace Cluster.UnitTests.Raft;

public sealed class RaftReadTests
{
    [Fact]
    public void A_read_is_confirmed_by_a_quorum_that_answers_after_it_was_asked()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        Ask(group, 1, token: 7);
        Assert.Empty(group.ReadsOf(1));
        group.Deliver();

        Assert.Equal(new ReadResult(7, true, 2), Assert.Single(group.ReadsOf(1)));
    }

    [Fact]
    public void A_leader_that_was_replaced_confirms_nothing()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(1);
        for (var i = 0; i < 30; i++)
        {
            group.Tick(2);
            group.Tick(3);
            group.Deliver();
        }

        Assert.Equal(RaftRole.Leader, group[1].Role);
        Ask(group, 1, token: 7);
        group.Deliver();
        Assert.Empty(group.ReadsOf(1));
        group.Heal();
        group.TickAll(3);

        Assert.Equal(new ReadResult(7, false, 0), Assert.Single(group.ReadsOf(1)) with { Index = 0 });
    }

    [Fact]
    public void An_answer_to_an_earlier_round_does_not_count()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        Ask(group, 1, token: 1);
        var answers = Answers(group);
        Ask(group, 1, token: 2);
        foreach (var answer in answers)
            group.Step(answer);

        Assert.Equal([1UL], group.ReadsOf(1).Select(r => r.Token));
        group.Deliver();
        Assert.Equal([1UL, 2UL], group.ReadsOf(1).Select(r => r.Token));
    }

    [Fact]
    public void A_new_leader_answers_only_when_it_knows_what_is_committed()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Propose(1, "x");
        group.Deliver(m => m is not CommitNotice);
        var committed = group[1].CommitIndex;
        group.Crash(1);
        for (var i = 0; i < 40 && group[2].Role != RaftRole.Leader && group[3].Role != RaftRole.Leader; i++)
        {
            group.Tick(2);
            group.Tick(3);
            group.Deliver(m => m is not AppendRequest);
        }

        var leader = group[2].Role == RaftRole.Leader ? 2UL : 3UL;
        Ask(group, leader, token: 5);
        group.Deliver(m => m is not AppendRequest);
        Assert.Empty(group.ReadsOf(leader));
        group.TickAll(4);

        var read = Assert.Single(group.ReadsOf(leader));
        Assert.True(read.Confirmed && read.Index >= committed);
    }

    [Fact]
    public void A_follower_asks_the_leader()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        Ask(group, 2, token: 9);
        group.Deliver();

        Assert.Equal(new ReadResult(9, true, 2), Assert.Single(group.ReadsOf(2)));
    }

    [Fact]
    public void A_read_without_an_answer_is_refused_in_the_end()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        Ask(group, 2, token: 9);
        group.Wire.Clear();
        group.TickAll(15);

        Assert.Equal(new ReadResult(9, false, 0), Assert.Single(group.ReadsOf(2)));
    }

    [Fact]
    public void A_read_without_a_leader_is_refused_at_once()
    {
        var group = new RaftGroup(3);
        Ask(group, 2, token: 9);

        Assert.False(Assert.Single(group.ReadsOf(2)).Confirmed);
    }

    [Fact]
    public void A_lone_leader_answers_at_once()
    {
        var group = new RaftGroup(1);
        group.Elect(1);
        Ask(group, 1, token: 3);

        Assert.Equal(new ReadResult(3, true, 2), Assert.Single(group.ReadsOf(1)));
    }

    [Fact]
    public void Too_many_waiting_reads_are_refused()
    {
        var group = new RaftGroup(3, new RaftOptions { MaxPendingReads = 2 });
        group.Elect(1);
        for (ulong token = 1; token <= 3; token++)
            Ask(group, 1, token);

        Assert.Equal(new ReadResult(3, false, 0), Assert.Single(group.ReadsOf(1)));
    }

    private static void Ask(RaftGroup group, ulong id, ulong token)
    {
        group[id].ReadIndex(token);
        group.Pump(id);
    }

    /// <summary>Delivers the heartbeats that are under way and keeps the answers back.</summary>
    private static List<RaftMessage> Answers(RaftGroup group)
    {
        var requests = group.Wire.ToList();
        group.Wire.Clear();
        foreach (var request in requests)
            group.Step(request);
        var answers = group.Wire.ToList();
        group.Wire.Clear();
        return answers;
    }
}
