using Cluster.Raft;
using Cluster.Raft.Messages;
using Xunit;

namespace Cluster.UnitTests.Raft;

public sealed class RaftReplicationTests
{
    [Fact]
    public void Entries_of_one_call_are_committed_everywhere_in_order()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        var result = group.Propose(1, "a", "b", "c");
        group.Deliver();
        group.TickAll(2);

        Assert.Equal((3UL, 5UL, 2UL), (result.FirstIndex, result.LastIndex, result.Term));
        Assert.All([1UL, 2UL, 3UL], id => Assert.Equal(["a", "b", "c"], group.DataAppliedBy(id)));
    }

    [Fact]
    public void A_follower_refuses_and_names_the_leader()
    {
        var group = new RaftGroup(3);
        group.Elect(1);

        var result = group.Propose(2, "x");
        Assert.Equal((ProposalRefusal.NotLeader, RaftGroup.Id(1)), (result.Refusal, result.Leader));
    }

    [Fact]
    public void The_leader_sends_before_its_own_sync_and_counts_itself_only_after()
    {
        var group = new RaftGroup(2);
        group.Elect(1);
        group.HoldSyncs(1);
        group.Propose(1, "x");
        Assert.Contains(group.Wire, m => m is AppendRequest { Entries.Count: 1 });
        group.Deliver();
        Assert.Equal(2UL, group[1].CommitIndex);

        group.HoldSyncs(1, hold: false);
        group.Pump(1);
        Assert.Equal(3UL, group[1].CommitIndex);
    }

    [Fact]
    public void A_new_commit_is_told_at_once_and_not_answered()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Deliver();
        group.Propose(1, "x");
        var answers = 0;
        group.Deliver(m => m is not AppendResponse || ++answers > 0);

        Assert.Equal(2, answers);
        Assert.All([2UL, 3UL], id => Assert.Equal(["x"], group.DataAppliedBy(id)));
    }

    [Fact]
    public void A_follower_that_lacks_what_is_committed_says_so_when_it_is_told()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Deliver();
        group.Propose(1, "x");
        var (isLost, isRefused) = (false, false);
        group.Deliver(m =>
        {
            isRefused |= m is AppendResponse { Accepted: false, From.Value: 3 };
            var passes = isLost || m is not AppendRequest { To.Value: 3 };
            isLost |= !passes;
            return passes;
        });

        Assert.True(isRefused);
        Assert.Equal(["x"], group.DataAppliedBy(3));
    }

    [Fact]
    public void A_quorum_of_others_commits_while_the_leaders_disk_is_slow_but_it_applies_only_what_it_has()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.HoldSyncs(1);
        group.Propose(1, "x");
        group.Deliver();
        Assert.Equal(3UL, group[1].CommitIndex);
        Assert.Empty(group.DataAppliedBy(1));

        group.HoldSyncs(1, hold: false);
        group.Pump(1);
        Assert.Equal(["x"], group.DataAppliedBy(1));
    }

    [Fact]
    public void An_acknowledgement_leaves_only_when_the_entries_are_synced()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.HoldSyncs(2);
        group.Isolate(3);
        group.Propose(1, "x");
        group.Deliver();
        Assert.Equal(2UL, group[1].CommitIndex);

        group.HoldSyncs(2, hold: false);
        group.Pump(2);
        group.Deliver();
        Assert.Equal(3UL, group[1].CommitIndex);
    }

    [Fact]
    public void Heartbeats_are_answered_while_the_disk_is_busy()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.HoldSyncs(2);
        group.Propose(1, "x");
        group.Deliver();
        group.Step(new Heartbeat(RaftGroup.Id(1), RaftGroup.Id(2), 2, 2, 7));

        Assert.Contains(group.Wire, m => m is HeartbeatResponse { Round: 7 });
    }

    /// <summary>Raft, figure 8: an entry of an earlier term is on a majority and can still be replaced, so it must not count.</summary>
    [Fact]
    public void An_entry_of_an_earlier_term_is_not_committed_by_counting()
    {
        var group = new RaftGroup(5, new RaftOptions { MaxAppendBytes = 1 });
        group.Elect(1);
        group.Isolate(3, 4, 5);
        group.Propose(1, "old");
        group.Deliver();
        Assert.Equal(2UL, group[1].CommitIndex);

        // 1 leads again in a later term and brings the old entry to 3, not its own first entry: entries travel one by one.
        group.Heal();
        group.Restart(1);
        group.Step(new TimeoutNow(RaftGroup.Id(2), RaftGroup.Id(1), 2));
        bool IsOld(RaftMessage m) => m is not AppendRequest { Entries: [{ Term: 3 }] } a || !group[a.To.Value].Log.Holds(a.Previous);
        group.Deliver(IsOld);
        Assert.Equal((RaftRole.Leader, 3UL), (group[1].Role, group[1].Term));
        group.Tick(1, times: 2);
        group.Deliver(IsOld);

        Assert.All([1UL, 2UL, 3UL], id => Assert.Equal(2UL, group[id].Log.TermAt(3)));
        Assert.Equal(2UL, group[1].CommitIndex);
        group.TickAll(4);
        Assert.Equal(4UL, group[1].CommitIndex);
    }

    [Fact]
    public void A_follower_commits_no_further_than_what_the_leader_has_verified()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(1);
        group.Propose(1, "stale 1", "stale 2", "stale 3");
        group.Wire.Clear();
        Assert.Equal(5UL, group[1].LastIndex);

        // A new leader's append ends at 2, where both agree, and tells of a commit that is further on.
        group.Step(new AppendRequest(RaftGroup.Id(2), RaftGroup.Id(1), 3, new LogPosition(2, 2), [], Commit: 4));
        Assert.Equal(2UL, group[1].CommitIndex);
    }

    [Fact]
    public void A_member_far_behind_with_other_entries_is_brought_up_in_a_few_messages()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        group.Isolate(2, 3);
        for (var i = 0; i < 150; i++)
            group.Propose(1, $"lost {i}");
        group.Wire.Clear();
        group.Crash(1);
        group.Heal();
        for (var i = 0; i < 30; i++)
        {
            group.Tick(2);
            group.Tick(3);
            group.Deliver();
        }

        var leader = group[2].Role == RaftRole.Leader ? 2UL : 3UL;
        for (var i = 0; i < 150; i++)
            group.Propose(leader, $"kept {i}");
        group.Deliver();
        group.Start(1);
        group.Wire.Clear();
        group.Tick(leader, times: 2);
        var before = group.Delivered;
        group.Deliver();

        Assert.Equal(group[leader].Log.Last, group[1].Log.Last);
        Assert.True(group.Delivered - before < 20, $"{group.Delivered - before} messages");
    }

    [Fact]
    public void The_window_bounds_what_is_under_way()
    {
        var group = new RaftGroup(2, new RaftOptions { MaxInFlightAppends = 4 });
        group.Elect(1);
        for (var i = 0; i < 50; i++)
            group.Propose(1, $"{i}");
        Assert.Equal(4, group.Wire.Count(m => m is AppendRequest));

        group.Deliver();
        group.TickAll(2);
        Assert.Equal(50, group.DataAppliedBy(2).Count());
    }

    [Fact]
    public void A_lost_window_is_sent_again()
    {
        var group = new RaftGroup(2, new RaftOptions { MaxInFlightAppends = 4 });
        group.Elect(1);
        for (var i = 0; i < 10; i++)
            group.Propose(1, $"{i}");
        group.Wire.Clear();
        group.TickAll(8);

        Assert.Equal(10, group.DataAppliedBy(2).Count());
    }

    [Fact]
    public void A_lost_window_that_was_compacted_meanwhile_is_replaced_by_a_snapshot()
    {
        var group = new RaftGroup(3, new RaftOptions { MaxInFlightAppends = 2, TrailingEntries = 0 });
        group.Elect(1);
        group.Isolate(3);
        for (var i = 0; i < 10; i++)
        {
            group.Propose(1, $"{i}");
            group.Deliver();
        }

        group.SaveSnapshot(1);
        group.Heal();
        group.TickAll(8);

        Assert.Equal(group[1].CommitIndex, group[3].CommitIndex);
        Assert.NotNull(group.RestoredBy(3));
    }

    [Fact]
    public void A_message_is_bounded_in_bytes()
    {
        var group = new RaftGroup(2, new RaftOptions { MaxAppendBytes = 1_000 });
        group.Elect(1);
        group.Isolate(2);
        group.Propose(1, [.. Enumerable.Range(0, 50).Select(_ => new string('x', 100))]);

        Assert.All(group.Wire.OfType<AppendRequest>(), m => Assert.True(m.Entries.Sum(e => e.Size) <= 1_000));
    }

    [Fact]
    public void Too_much_without_a_quorum_is_refused_and_taken_again_later()
    {
        var group = new RaftGroup(3, new RaftOptions { MaxUncommittedBytes = 1_000 });
        group.Elect(1);
        Assert.True(group.Propose(1, new string('x', 5_000)).IsAccepted);
        Assert.Equal(ProposalRefusal.TooMuchUncommitted, group.Propose(1, "y").Refusal);
        group.Deliver();

        Assert.True(group.Propose(1, "y").IsAccepted);
    }

    [Fact]
    public void An_entry_over_the_limit_is_refused()
    {
        var group = new RaftGroup(1, new RaftOptions { MaxEntryBytes = 10 });
        group.Elect(1);

        Assert.Equal(ProposalRefusal.InvalidSize, group.Propose(1, "small", "not so small").Refusal);
        Assert.Equal(ProposalRefusal.InvalidSize, group.Propose(1).Refusal);
        Assert.Equal(2UL, group[1].LastIndex);
    }

    /// <summary>A sync of entries that were replaced meanwhile says nothing of those that replaced them.</summary>
    [Fact]
    public void A_completion_older_than_a_truncation_proves_nothing()
    {
        var group = new RaftGroup(3);
        group.Elect(1);
        var core = new RaftCore(RaftGroup.Id(9), new RaftOptions(), RecoveredLog.Empty, new Random(1));
        LogEntry Entry(ulong index, ulong term) => new(index, term, EntryKind.Data, new byte[1]);
        core.Step(new AppendRequest(RaftGroup.Id(1), RaftGroup.Id(9), 2, LogPosition.Zero, [Entry(1, 2), Entry(2, 2), Entry(3, 2)], 0));
        var old = core.TakeReady().Batch!;
        core.Step(new AppendRequest(RaftGroup.Id(2), RaftGroup.Id(9), 3, LogPosition.Zero, [Entry(1, 3), Entry(2, 3), Entry(3, 3)], 3));
        var replaced = core.TakeReady().Batch!;

        core.Persisted(old.Sequence);
        var ready = core.TakeReady();
        Assert.Empty(ready.Committed);
        Assert.DoesNotContain(ready.Messages, m => m is AppendResponse { Term: 3 });

        core.Persisted(replaced.Sequence);
        ready = core.TakeReady();
        Assert.Equal(3, ready.Committed.Count);
        Assert.Contains(ready.Messages, m => m is AppendResponse { Term: 3, Accepted: true, Index: 3 });
    }

    [Fact]
    public void A_restarted_member_delivers_what_it_knew_to_be_committed()
    {
        var group = new RaftGroup(1);
        group.Elect(1);
        group.Propose(1, "a");
        group.Propose(1, "b");
        group.Restart(1);

        Assert.Contains("a", group.DataAppliedBy(1));
        group.Elect(1);
        Assert.Equal(["a", "b"], group.DataAppliedBy(1));
    }
}
