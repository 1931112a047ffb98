using Cluster.Raft;
using Cluster.Raft.Messages;
using Xunit;

namespace Cluster.UnitTests.Raft;

public sealed class RaftElectionTests
{
    [Fact]
    public void A_lone_member_leads_only_when_its_term_and_vote_are_synced()
    {
        var group = new RaftGroup(1);
        group.HoldSyncs(1);
        group.Tick(1, times: 30);

        Assert.Equal(RaftRole.Candidate, group[1].Role);
        Assert.Equal(2UL, group[1].Term);
        Assert.Equal(1UL, group.DiskOf(1).Durable.HardState.Term);

        group.HoldSyncs(1, hold: false);
        group.Pump(1);
        Assert.Equal(RaftRole.Leader, group[1].Role);
        Assert.Equal(new HardState(2, RaftGroup.Id(1), 1), group.DiskOf(1).Durable.HardState with { Commit = 1 });
        Assert.True(group[1].LeaderIsEstablished);
    }

    [Fact]
    public void A_lone_member_raises_its_term_at_each_start()
    {
        var group = new RaftGroup(1);
        group.Elect(1);
        group.Restart(1);
        group.Elect(1);

        Assert.Equal(3UL, group[1].Term);
    }

    [Fact]
    public void A_follower_campaigns_after_silence_and_wins()
    {
        var group = new RaftGroup(3);
        group.TickAll(30);

        var leader = Assert.Single(new[] { 1UL, 2UL, 3UL }, id => group[id].Role == RaftRole.Leader);
        Assert.All([1UL, 2UL, 3UL], id => Assert.Equal(RaftGroup.Id(leader), group[id].Leader));
        Assert.All([1UL, 2UL, 3UL], id => Assert.Equal(2UL, group[id].CommitIndex));
    }

    [Fact]
    public void A_member_that_was_cut_off_neither_raises_its_term_nor_disturbs()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(3);
        group.TickAll(100);
        Assert.Equal(2UL, group[3].Term);

        group.Heal();
        group.TickAll(10);
        Assert.Equal((RaftRole.Leader, 2UL), (group[1].Role, group[1].Term));
        Assert.Equal(RaftGroup.Id(1), group[3].Leader);
    }

    [Fact]
    public void A_vote_leaves_only_when_it_is_synced()
    {
        var group = new RaftGroup(3);
        group.HoldSyncs(2);
        group.Step(new VoteRequest(RaftGroup.Id(1), RaftGroup.Id(2), 2, new LogPosition(1, 1), IsPreVote: false, IsTransfer: false));
        Assert.Empty(group.Wire);

        group.HoldSyncs(2, hold: false);
        group.Pump(2);
        Assert.True(Assert.IsType<VoteResponse>(Assert.Single(group.Wire)).Granted);
        Assert.Equal(RaftGroup.Id(1), group.DiskOf(2).Durable.HardState.VotedFor);
    }

    [Fact]
    public void Nobody_votes_twice_in_a_term_even_after_a_restart()
    {
        var group = new RaftGroup(3);
        group.Step(new VoteRequest(RaftGroup.Id(1), RaftGroup.Id(2), 2, new LogPosition(1, 1), IsPreVote: false, IsTransfer: false));
        group.Restart(2);
        group.Wire.Clear();
        group.Step(new VoteRequest(RaftGroup.Id(3), RaftGroup.Id(2), 2, new LogPosition(9, 1), IsPreVote: false, IsTransfer: false));

        Assert.False(Assert.IsType<VoteResponse>(Assert.Single(group.Wire)).Granted);
    }

    [Theory]
    [InlineData(1UL, 2UL, false)]
    [InlineData(2UL, 1UL, false)]
    [InlineData(2UL, 2UL, true)]
    [InlineData(1UL, 3UL, true)]
    public void A_vote_needs_a_log_that_is_up_to_date(ulong index, ulong term, bool granted)
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        Assert.Equal(new LogPosition(2, 2), group[2].Log.Last);
        group.Step(new VoteRequest(RaftGroup.Id(3), RaftGroup.Id(2), 5, new LogPosition(index, term), IsPreVote: false, IsTransfer: true));

        Assert.Equal(granted, Assert.IsType<VoteResponse>(Assert.Single(group.Wire)).Granted);
    }

    [Fact]
    public void Who_hears_a_leader_does_not_vote_for_another()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Step(new VoteRequest(RaftGroup.Id(3), RaftGroup.Id(2), 9, new LogPosition(9, 9), IsPreVote: false, IsTransfer: false));

        Assert.Empty(group.Wire);
        Assert.Equal(2UL, group[2].Term);
    }

    [Fact]
    public void A_leader_without_a_quorum_steps_down()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(1);
        group.TickAll(25);

        Assert.NotEqual(RaftRole.Leader, group[1].Role);
        Assert.Equal(ProposalRefusal.NotLeader, group.Propose(1, "x").Refusal);
    }

    [Fact]
    public void A_leader_whose_disk_hangs_gives_up()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.HoldSyncs(1);
        group.Propose(1, "x");
        group.TickAll(80);

        Assert.NotEqual(RaftRole.Leader, group[1].Role);
        Assert.Contains([2UL, 3UL], id => group[id].Role == RaftRole.Leader);
    }

    [Fact]
    public void A_broken_stream_to_the_leader_starts_an_election_early()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Crash(1);
        group[2].ReportUnreachable(RaftGroup.Id(1));
        group[3].ReportUnreachable(RaftGroup.Id(1));
        group.Tick(2, times: 6);
        group.Deliver();

        Assert.Equal(RaftRole.Leader, group[2].Role);
    }

    [Fact]
    public void Leadership_is_handed_over()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        Assert.True(group[1].TransferLeadership(RaftGroup.Id(3)));
        Assert.Equal(ProposalRefusal.TransferringLeadership, group.Propose(1, "x").Refusal);
        group.Deliver();

        Assert.Equal(RaftRole.Leader, group[3].Role);
        Assert.Equal(RaftRole.Follower, group[1].Role);
        Assert.True(group.Propose(3, "y").IsAccepted);
    }

    [Fact]
    public void A_handover_waits_until_the_other_has_everything()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(3);
        group.Propose(1, "a");
        group.Deliver();
        group.Heal();
        group[1].TransferLeadership(RaftGroup.Id(3));
        group.Pump(1);
        group.TickAll(3);

        Assert.Equal(RaftRole.Leader, group[3].Role);
        Assert.Contains("a", group.DataAppliedBy(3));
    }

    [Fact]
    public void A_handover_that_fails_is_given_up()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Crash(3);
        group[1].TransferLeadership(RaftGroup.Id(3));
        group.TickAll(15);

        Assert.True(group.Propose(1, "x").IsAccepted);
        Assert.False(group[1].TransferLeadership(RaftGroup.Id(9)));
        Assert.False(group[2].TransferLeadership(RaftGroup.Id(1)));
    }

    [Fact]
    public void A_leader_that_missed_an_election_learns_of_it()
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
        group.Heal();
        group.Tick(1, times: 2);
        group.Deliver();
        Assert.Equal(RaftRole.Follower, group[1].Role);
    }
}
