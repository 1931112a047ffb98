using Cluster.Raft;
using Cluster.Raft.Messages;
using Xunit;

namespace Cluster.UnitTests.Raft;

public sealed class RaftSnapshotTests
{
    [Fact]
    public void A_member_far_behind_gets_a_snapshot_and_then_the_rest()
    {
        var group = FarBehind();
        group.Heal();
        group.TickAll(4);
        group.Propose(1, "after");
        group.TickAll(4);

        Assert.Equal(22UL, group.RestoredBy(3)!.Index);
        Assert.Equal(["after"], group.DataAppliedBy(3));
        Assert.Equal(group[1].CommitIndex, group[3].CommitIndex);
    }

    [Fact]
    public void A_snapshot_that_did_not_arrive_is_sent_again()
    {
        var group = FarBehind();
        group.Heal();
        group.Tick(1, times: 2);
        group.Deliver(m => m is not InstallSnapshot);
        Assert.Equal(2UL, group[3].CommitIndex);
        group[1].ReportSnapshot(RaftGroup.Id(3), succeeded: false);
        group.TickAll(4);

        Assert.Equal(group[1].CommitIndex, group[3].CommitIndex);
    }

    [Fact]
    public void Nothing_is_restored_or_acknowledged_before_the_snapshot_is_synced()
    {
        var group = FarBehind();
        group.Heal();
        group.HoldSyncs(3);
        group.TickAll(3);
        Assert.Null(group.RestoredBy(3));
        Assert.Equal(2UL, group[1].DescribeStatus().Members.Single(m => m.Id == RaftGroup.Id(3)).Match);

        group.HoldSyncs(3, hold: false);
        group.Pump(3);
        Assert.Equal(22UL, group.RestoredBy(3)!.Index);
    }

    [Fact]
    public void A_crash_between_arrival_and_sync_leaves_the_old_state()
    {
        var group = FarBehind();
        group.Heal();
        group.HoldSyncs(3);
        group.TickAll(3);
        group.HoldSyncs(3, hold: false);
        group.Restart(3);
        Assert.Equal(2UL, group[3].LastIndex);
        group.TickAll(15);

        Assert.Equal(group[1].CommitIndex, group[3].CommitIndex);
    }

    [Fact]
    public void There_is_nothing_to_save_while_another_snapshot_arrives()
    {
        var group = FarBehind();
        group.Heal();
        Assert.Equal(1UL, group[3].DescribeSnapshot(1)!.Index);
        group.HoldSyncs(3);
        group.TickAll(3);

        Assert.Null(group[3].DescribeSnapshot(1));
        group.HoldSyncs(3, hold: false);
        group.Pump(3);
        Assert.Null(group[3].DescribeSnapshot(1));
    }

    [Fact]
    public void A_late_snapshot_changes_nothing()
    {
        var group = FarBehind();
        group.Heal();
        group.TickAll(4);
        var old = new SnapshotMetadata(new LogPosition(2, 2), group[1].Membership);
        group.Step(new InstallSnapshot(RaftGroup.Id(1), RaftGroup.Id(3), 2, old));

        Assert.Equal(22UL, group[3].CommitIndex);
        Assert.Contains(group.Wire, m => m is AppendResponse { Accepted: true, Index: 22 });
    }

    [Fact]
    public void A_snapshot_of_what_the_log_holds_only_moves_the_commit()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Propose(1, "a", "b");
        group.Deliver(m => m is not CommitNotice);
        Assert.Equal(2UL, group[3].CommitIndex);
        var snapshot = new SnapshotMetadata(new LogPosition(4, 2), group[1].Membership);
        group.Step(new InstallSnapshot(RaftGroup.Id(1), RaftGroup.Id(3), 2, snapshot));

        Assert.Null(group.RestoredBy(3));
        Assert.Equal(["a", "b"], group.DataAppliedBy(3));
    }

    [Fact]
    public void Some_entries_stay_for_members_that_lag_a_little()
    {
        var group = new RaftGroup(3, new RaftOptions { TrailingEntries = 5 });
        group.Elect(1);
        group.Isolate(3);
        group.Propose(1, "a", "b", "c");
        group.Deliver();
        group.SaveSnapshot(1);
        Assert.True(group[1].DescribeStatus().FirstIndex <= 3);
        group.Heal();
        group.TickAll(4);

        Assert.Null(group.RestoredBy(3));
        Assert.Equal(["a", "b", "c"], group.DataAppliedBy(3));
    }

    [Fact]
    public void Nothing_stays_before_a_snapshot_that_is_to_replace_all_of_it()
    {
        var group = new RaftGroup(3, new RaftOptions { TrailingEntries = 5 });
        group.Elect(1);
        group.Isolate(3);
        group.Propose(1, "a", "b", "c");
        group.Deliver();
        group.SaveSnapshot(1);
        var saved = group[1].DescribeStatus();
        Assert.True(saved.FirstIndex <= 3);

        // The same snapshot once more, as when only its key has changed.
        group.SaveSnapshot(1, keepTrailing: false);
        Assert.Equal((saved.SnapshotIndex, saved.SnapshotIndex + 1), (group[1].DescribeStatus().SnapshotIndex, group[1].DescribeStatus().FirstIndex));
        group.Heal();
        group.TickAll(4);
        Assert.Equal(saved.SnapshotIndex, group.RestoredBy(3)!.Index);
        group.Propose(1, "d");
        group.TickAll(4);
        Assert.Equal(["d"], group.DataAppliedBy(3));
        group.Restart(1);
        group.TickAll(40);
        Assert.Contains([1UL, 2UL, 3UL], id => group[id].Role == RaftRole.Leader);
    }

    [Fact]
    public void A_restart_begins_at_the_snapshot()
    {
        var group = FarBehind();
        group.Restart(1);

        Assert.Equal(22UL, group[1].CommitIndex);
        Assert.Empty(group.AppliedBy(1));
        group.TickAll(40);
        Assert.Contains([1UL, 2UL], id => group[id].Role == RaftRole.Leader);
    }

    /// <summary>Member 3 has entries up to 2; the leader 1 has compacted everything up to 22.</summary>
    private static RaftGroup FarBehind()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(3);
        for (var i = 0; i < 20; i++)
            group.Propose(1, $"{i}");
        group.Deliver();
        group.SaveSnapshot(1);
        Assert.Equal(23UL, group[1].DescribeStatus().FirstIndex);
        return group;
    }
}
