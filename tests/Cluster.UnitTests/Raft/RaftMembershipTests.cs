using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Xunit;
using static Cluster.Raft.Members.MembershipChange;

namespace Cluster.UnitTests.Raft;

public sealed class RaftMembershipTests
{
    [Fact]
    public void A_learner_receives_the_log_and_does_not_count()
    {
        var group = new RaftGroup(1);
        group.Elect(1);
        group.Propose(1, "before");
        group.AddMember(2);
        Assert.True(group.Change(1, AddLearner(RaftGroup.Id(2))).IsAccepted);
        group.TickAll(4);
        Assert.Equal(["before"], group.DataAppliedBy(2));

        group.Crash(2);
        group.Propose(1, "alone");
        Assert.Equal(["before", "alone"], group.DataAppliedBy(1));
        group.Start(2);
        group.Tick(2, times: 100);
        Assert.Equal(RaftRole.Follower, group[2].Role);
    }

    [Fact]
    public void A_learner_is_promoted_and_counts_from_then_on()
    {
        var group = new RaftGroup(1);
        group.Elect(1);
        group.AddMember(2);
        group.Change(1, AddLearner(RaftGroup.Id(2)));
        group.TickAll(4);
        Assert.True(group.Change(1, AddVoter(RaftGroup.Id(2))).IsAccepted);
        group.TickAll(4);
        Assert.Equal(2, group[1].CommittedMembership.Voters.Length);

        group.Crash(2);
        group.Propose(1, "x");
        Assert.Empty(group.DataAppliedBy(1));
    }

    [Fact]
    public void Several_voters_change_through_a_joint_configuration()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        for (ulong id = 4; id <= 6; id++)
            group.AddMember(id);
        group.Change(1, AddLearner(RaftGroup.Id(4)), AddLearner(RaftGroup.Id(5)), AddLearner(RaftGroup.Id(6)));
        group.TickAll(4);
        Assert.True(group.Change(
            1,
            AddVoter(RaftGroup.Id(4)),
            AddVoter(RaftGroup.Id(5)),
            AddVoter(RaftGroup.Id(6)),
            Remove(RaftGroup.Id(2)),
            Remove(RaftGroup.Id(3)),
            Demote(RaftGroup.Id(1))).IsAccepted);
        Assert.True(group[1].Membership.IsJoint);
        group.TickAll(40);

        var leader = Assert.Single(new ulong[] { 4, 5, 6 }, id => group[id].Role == RaftRole.Leader);
        var membership = group[leader].CommittedMembership;
        Assert.Equal([4UL, 5UL, 6UL], membership.Voters.Select(m => m.Value));
        Assert.Equal([1UL], membership.Learners.Select(m => m.Value));
        Assert.Equal([2UL, 3UL], membership.Removed.Select(m => m.Value));
        Assert.False(membership.IsJoint);
    }

    [Fact]
    public void A_joint_configuration_needs_both_majorities()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.AddMember(4);
        group.AddMember(5);
        group.Isolate(4, 5);
        group.Change(1, AddVoter(RaftGroup.Id(4)), AddVoter(RaftGroup.Id(5)), Remove(RaftGroup.Id(2)));
        group.Deliver();
        group.TickAll(5);
        Assert.True(group[1].Membership.IsJoint);
        Assert.Equal(2UL, group[1].CommitIndex);

        group.Heal();
        group.TickAll(10);
        Assert.False(group[1].CommittedMembership.IsJoint);
        Assert.Equal([1UL, 3UL, 4UL, 5UL], group[1].CommittedMembership.Voters.Select(m => m.Value));
    }

    [Fact]
    public void A_leader_that_leaves_hands_over()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Change(1, Remove(RaftGroup.Id(1)));
        group.Deliver();

        Assert.NotEqual(RaftRole.Leader, group[1].Role);
        Assert.Contains([2UL, 3UL], id => group[id].Role == RaftRole.Leader);
    }

    [Fact]
    public void A_removed_member_is_ignored_for_ever()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Change(1, Remove(RaftGroup.Id(3)));
        group.TickAll(4);
        group.Step(new VoteRequest(RaftGroup.Id(3), RaftGroup.Id(1), 99, new LogPosition(99, 99), IsPreVote: false, IsTransfer: true));
        group.Step(new VoteRequest(RaftGroup.Id(3), RaftGroup.Id(2), 99, new LogPosition(99, 99), IsPreVote: false, IsTransfer: true));

        Assert.Equal(2UL, group[1].Term);
        Assert.Equal(2UL, group[2].Term);
        Assert.Equal(ProposalRefusal.InvalidConfiguration, group.Change(1, AddLearner(RaftGroup.Id(3))).Refusal);
    }

    [Fact]
    public void One_change_at_a_time()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        Assert.True(group.Change(1, AddLearner(RaftGroup.Id(4))).IsAccepted);
        Assert.Equal(ProposalRefusal.ConfigurationPending, group.Change(1, AddLearner(RaftGroup.Id(5))).Refusal);
        group.Deliver();
        Assert.True(group.Change(1, AddLearner(RaftGroup.Id(5))).IsAccepted);
    }

    [Fact]
    public void Senseless_changes_are_refused()
    {
        var group = new RaftGroup(1);
        group.Elect(1);

        Assert.Equal(ProposalRefusal.InvalidConfiguration, group.Change(1, Remove(RaftGroup.Id(1))).Refusal);
        Assert.Equal(ProposalRefusal.InvalidConfiguration, group.Change(1, Demote(RaftGroup.Id(1))).Refusal);
        Assert.Equal(ProposalRefusal.InvalidConfiguration, group.Change(1, Remove(RaftGroup.Id(7))).Refusal);
        Assert.Equal(ProposalRefusal.InvalidConfiguration, group.Change(1, AddVoter(RaftGroup.Id(1))).Refusal);
        Assert.Equal(ProposalRefusal.InvalidConfiguration, group.Change(1).Refusal);
        Assert.Equal(ProposalRefusal.InvalidConfiguration, group.Change(1, AddLearner(MemberId.None)).Refusal);
    }

    [Fact]
    public void A_change_that_was_not_committed_is_taken_back_with_its_entry()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(1);
        group.Change(1, AddLearner(RaftGroup.Id(9)));
        Assert.True(group[1].Membership.IsLearner(RaftGroup.Id(9)));
        group.Wire.Clear();
        for (var i = 0; i < 30; i++)
        {
            group.Tick(2);
            group.Tick(3);
            group.Deliver();
        }

        group.Heal();
        group.TickAll(10);
        Assert.False(group[1].Membership.IsLearner(RaftGroup.Id(9)));
    }

    [Fact]
    public void The_dropped_member_with_the_longer_log_may_still_win()
    {
        var group = new RaftGroup(2);
        group.Elect(1);
        group.Isolate(2);
        group.Change(1, Remove(RaftGroup.Id(1)));
        group.Wire.Clear();
        group.Restart(1);
        group.Heal();
        group.TickAll(60);

        Assert.Equal([2UL], group[2].CommittedMembership.Voters.Select(m => m.Value));
        Assert.Equal(RaftRole.Leader, group[2].Role);
    }

    [Fact]
    public void The_configuration_survives_snapshot_and_restart()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Change(1, Remove(RaftGroup.Id(3)));
        group.TickAll(4);
        group.SaveSnapshot(1);
        group.Restart(1);

        Assert.Equal([1UL, 2UL], group[1].Membership.Voters.Select(m => m.Value));
        Assert.True(group[1].Membership.IsRemoved(RaftGroup.Id(3)));
    }

    [Fact]
    public void Equal_memberships_have_equal_bytes_and_read_back()
    {
        var membership = new Membership([new(3), new(1), new(3)], [new(2)], [new(5)], [new(2)], [new(9), new(8)]);
        var bytes = MembershipCodec.Encode(membership);

        Assert.Equal(membership, MembershipCodec.Decode(bytes));
        Assert.Equal(bytes, MembershipCodec.Encode(new Membership([new(1), new(3)], [new(2)], [new(5)], [new(2)], [new(8), new(9)])));
    }

    [Fact]
    public void A_new_leader_takes_nobody_for_active_that_has_not_answered_it()
    {
        var group = new RaftGroup(3);
        group.Isolate(3);
        group.Elect(1);

        var members = group[1].DescribeStatus().Members;
        Assert.True(members.Single(member => member.Id == RaftGroup.Id(2)).IsActive);
        Assert.False(members.Single(member => member.Id == RaftGroup.Id(3)).IsActive);
    }
}
