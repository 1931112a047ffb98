using Cluster.Api.Codec;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Time;
using Cluster.Store.Sequencing;
using Cluster.Testing.Store;
using Xunit;

namespace Cluster.UnitTests.Store.Sequencing;

public sealed class SequencerTests
{
    [Fact]
    public void Refuses_on_a_follower()
    {
        Assert.Equal(SubmitStatus.NotLeader, new SequencerFixture().SubmitTask().Status);
    }

    [Fact]
    public void Sequences_nothing_before_an_entry_of_its_own_term_was_applied()
    {
        SequencerFixture fixture = new();
        fixture.Log.BeginTerm(2);
        fixture.Sequencer.BecomeLeader(2);
        Answer answer = fixture.SubmitTask();
        fixture.Sequencer.Apply(1, ReadOnlyMemory<byte>.Empty);
        Assert.Equal((LeadershipState.CatchingUp, 0, 1), (fixture.Sequencer.State, fixture.Log.ProposedCount, fixture.Sequencer.WaitingSubmissions));

        fixture.Sequencer.Apply(2, ReadOnlyMemory<byte>.Empty);
        Assert.Equal((LeadershipState.Leading, 1), (fixture.Sequencer.State, fixture.Log.ProposedCount));
        Assert.Null(answer.Status);
        fixture.Commit();
        Assert.Equal(SubmitStatus.Committed, answer.Status);
    }

    [Fact]
    public void Goes_on_without_waiting_and_answers_in_order_of_commit()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Answer first = fixture.SubmitTask(), second = fixture.SubmitTask();
        Assert.Equal((2, 0, 2), (fixture.Sequencer.Head.TaskCount, fixture.Replica.Committed.TaskCount, fixture.Log.ProposedCount));

        fixture.Commit(1);
        Assert.Equal((1ul, null), (first.Outcome?.Version, second.Status));
        fixture.Commit(1);
        Assert.Equal(2ul, second.Outcome?.Version);
        Assert.Equal(2, fixture.Replica.Committed.TaskCount);
    }

    [Fact]
    public void Holds_a_refusal_back_until_the_state_it_rests_on_is_committed()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        fixture.SubmitTask();
        Answer refused = fixture.Submit(tx =>
        {
            tx.Put(StoreRows.Task(50));
            return Refusal.AlreadyExists("no");
        });
        Answer nothing = fixture.Submit(_ => null);
        Assert.Equal((null, null, 1), (refused.Status, nothing.Status, fixture.Sequencer.Head.TaskCount));

        fixture.Commit();
        Assert.Equal(SubmitStatus.Refused, refused.Status);
        Assert.Equal((SubmitStatus.Committed, 1ul), (nothing.Status, nothing.Outcome!.Version));
        Assert.Equal(SubmitStatus.Refused, fixture.Submit(_ => Refusal.Invalid("no")).Status);
    }

    [Fact]
    public void Answers_unknown_when_leadership_is_lost_and_not_leader_to_those_that_waited()
    {
        SequencerFixture fixture = new SequencerFixture(new() { MaxUnacknowledgedEntries = 1 }).Leading();
        Answer pending = fixture.SubmitTask(), waiting = fixture.SubmitTask();
        fixture.Sequencer.LoseLeadership();

        Assert.Equal((SubmitStatus.Unknown, SubmitStatus.NotLeader), (pending.Status, waiting.Status));
        Assert.Equal((0, 0, 0), (fixture.Sequencer.Head.TaskCount, fixture.Sequencer.UnacknowledgedEntries, (int)fixture.Sequencer.UnacknowledgedBytes));
    }

    [Fact]
    public void Applies_an_entry_of_a_lost_leadership_when_it_commits_after_all()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Answer answer = fixture.SubmitTask(request: 7);
        fixture.Log.CommitNext();
        fixture.Sequencer.LoseLeadership();
        fixture.Deliver();
        Assert.Equal((SubmitStatus.Unknown, 1), (answer.Status, fixture.Replica.Committed.TaskCount));

        Answer retry = fixture.Leading(2).SubmitTask(request: 7);
        Assert.Equal((SubmitStatus.Committed, true, 1), (retry.Status, retry.Outcome!.Repeated, fixture.Replica.Committed.TaskCount));
    }

    [Fact]
    public void Gives_a_retry_the_first_answer_also_while_the_first_is_speculative()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Answer first = fixture.SubmitTask(request: 7), retry = fixture.SubmitTask(request: 7);
        Assert.Null(retry.Status);
        fixture.Commit();
        Assert.Equal((SubmitStatus.Committed, false), (first.Status, first.Outcome!.Repeated));
        Assert.Equal((SubmitStatus.Committed, true), (retry.Status, retry.Outcome!.Repeated));
        Assert.Equal(first.Outcome.Request, retry.Outcome.Request);
        Assert.Equal(1, fixture.Replica.Committed.TaskCount);
    }

    [Fact]
    public void Keeps_the_object_that_a_retry_is_to_find_and_the_id_in_the_entry()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        UInt128 made = 0;
        Answer first = fixture.Submit(
            _ =>
            {
                made = 99;
                return null;
            },
            7,
            "make",
            () => made);
        fixture.Commit();
        Assert.Equal((UInt128)99, first.Outcome!.Request!.ObjectId);
        Assert.Equal((UInt128)99, fixture.Submit(_ => null, 7, "make").Outcome!.Request!.ObjectId);
        Assert.Equal(new RequestId(7), EntryCodec.Decode(fixture.Log.Committed[^1].Entry.Span).RequestId);
    }

    [Fact]
    public void Runs_a_retry_of_a_refused_request_again()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Assert.Equal(SubmitStatus.Refused, fixture.Submit(_ => Refusal.Invalid("no"), 7).Status);
        Answer retry = fixture.SubmitTask(request: 7);
        fixture.Commit();
        Assert.Equal((SubmitStatus.Committed, false), (retry.Status, retry.Outcome!.Repeated));
    }

    [Fact]
    public void Refuses_a_request_id_that_was_used_for_something_else()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        fixture.SubmitTask(request: 7);
        fixture.Commit();
        Answer other = fixture.Submit(_ => null, 7, "other");
        Assert.Equal((SubmitStatus.Refused, RefusalKind.Invalid), (other.Status, other.Outcome!.Refusal!.Kind));
    }

    [Fact]
    public void Keeps_no_more_requests_than_allowed_and_none_too_old()
    {
        SequencerFixture fixture = new SequencerFixture(new() { MaxRequests = 3, MaxRequestAge = TimeSpan.FromSeconds(10) }).Leading();
        for (ulong request = 1; request <= 5; request++)
        {
            fixture.Now += TimeSpan.FromSeconds(1);
            fixture.SubmitTask(request);
        }

        Assert.Equal([3ul, 4, 5], fixture.Sequencer.Head.Requests.Select(row => (ulong)row.Id.Value));
        fixture.Now += TimeSpan.FromSeconds(9.5);
        fixture.SubmitTask(6);
        Assert.Equal([5ul, 6], fixture.Sequencer.Head.Requests.Select(row => (ulong)row.Id.Value));
    }

    [Fact]
    public void Stops_at_the_window_and_goes_on_when_entries_commit()
    {
        SequencerFixture fixture = new SequencerFixture(new() { MaxUnacknowledgedEntries = 2 }).Leading();
        Answer[] answers = [.. Enumerable.Range(0, 5).Select(_ => fixture.SubmitTask())];
        Assert.Equal((2, 3), (fixture.Sequencer.UnacknowledgedEntries, fixture.Sequencer.WaitingSubmissions));
        fixture.Commit(1);
        Assert.Equal((2, 2), (fixture.Sequencer.UnacknowledgedEntries, fixture.Sequencer.WaitingSubmissions));
        fixture.Commit();
        Assert.All(answers, answer => Assert.Equal(SubmitStatus.Committed, answer.Status));
    }

    [Fact]
    public void Counts_bytes_of_the_window()
    {
        SequencerFixture fixture = new SequencerFixture(new() { MaxUnacknowledgedBytes = 10 }).Leading();
        fixture.SubmitTask();
        fixture.SubmitTask();
        Assert.Equal((1, 1), (fixture.Sequencer.UnacknowledgedEntries, fixture.Sequencer.WaitingSubmissions));
    }

    [Fact]
    public void Refuses_when_too_many_wait()
    {
        SequencerFixture fixture = new SequencerFixture(new() { MaxUnacknowledgedEntries = 1, MaxWaiting = 2 }).Leading();
        for (int i = 0; i < 3; i++) Assert.Null(fixture.SubmitTask().Status);
        Assert.Equal(RefusalKind.LimitExceeded, fixture.SubmitTask().Outcome!.Refusal!.Kind);
    }

    [Fact]
    public void Refuses_a_change_that_is_too_large_for_one_entry()
    {
        SequencerFixture fixture = new SequencerFixture(new() { MaxEntryBytes = 20 }).Leading();
        Assert.Equal(RefusalKind.LimitExceeded, fixture.SubmitTask().Outcome!.Refusal!.Kind);
        Assert.Equal((0, 0), (fixture.Log.ProposedCount, fixture.Sequencer.Head.TaskCount));
    }

    [Fact]
    public void Reports_a_body_that_throws_and_changes_nothing()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Answer answer = fixture.Submit(tx =>
        {
            tx.Put(StoreRows.Task(1));
            throw new InvariantException("broken");
        });
        Assert.Equal((SubmitStatus.Faulted, "broken"), (answer.Status, answer.Outcome!.Fault!.Message));
        Assert.Equal(0, fixture.Sequencer.Head.TaskCount);
    }

    [Fact]
    public void Drops_what_rests_on_a_dropped_proposal_and_goes_on_from_what_is_left()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Answer kept = fixture.SubmitTask();
        fixture.Log.CommitNext();
        Answer dropped = fixture.SubmitTask();
        (ulong Term, ulong Version) lost = fixture.Log.LoseNext()!.Value;
        Answer successor = fixture.SubmitTask();
        fixture.Sequencer.ProposalDropped(lost.Term, lost.Version);
        Answer next = fixture.SubmitTask();
        Assert.Equal((SubmitStatus.Unknown, SubmitStatus.Unknown), (dropped.Status, successor.Status));

        fixture.Deliver();
        fixture.Commit();
        Assert.Equal((SubmitStatus.Committed, SubmitStatus.Committed), (kept.Status, next.Status));
        Assert.Equal([1ul, 4ul], fixture.Replica.Committed.Tasks.Select(task => (ulong)task.Id.Value));
        Assert.Equal(fixture.Replica.Committed.Version, fixture.ObservedVersion);
    }

    [Fact]
    public void Notices_from_what_commits_that_a_proposal_was_lost_without_notice()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Answer lost = fixture.SubmitTask(), successor = fixture.SubmitTask();
        fixture.Log.LoseNext();
        fixture.Commit();
        Assert.Equal((SubmitStatus.Unknown, SubmitStatus.Unknown, 0), (lost.Status, successor.Status, fixture.Replica.Committed.TaskCount));
        Answer next = fixture.SubmitTask();
        fixture.Commit();
        Assert.Equal(SubmitStatus.Committed, next.Status);
    }

    [Fact]
    public void Never_gives_a_version_twice_in_one_leadership()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        fixture.SubmitTask();
        ulong version = fixture.Sequencer.Head.Version;
        fixture.Sequencer.ProposalDropped(1, version);
        fixture.SubmitTask();
        Assert.True(fixture.Sequencer.Head.Version > version);
        ulong seen = 0;
        fixture.Submit(tx =>
        {
            tx.Put(StoreRows.Task(9));
            seen = tx.NextVersion;
            return Refusal.Invalid("no");
        });
        fixture.SubmitTask();
        Assert.True(fixture.Sequencer.Head.Version > seen);
    }

    [Fact]
    public void Says_not_leader_when_the_log_does_not_take_the_entry()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        fixture.Log.Takes = false;
        Assert.Equal(SubmitStatus.NotLeader, fixture.SubmitTask().Status);
        Assert.Equal(0, fixture.Sequencer.Head.TaskCount);
    }

    [Fact]
    public void Lets_a_completion_submit()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        Answer inner = new();
        fixture.Sequencer.Submit(new()
        {
            Actor = "tester",
            Now = fixture.Now,
            Body = tx =>
            {
                tx.Put(StoreRows.Task(1));
                return null;
            },
            Completion = _ => fixture.Sequencer.Submit(new()
            {
                Actor = "tester",
                Now = fixture.Now,
                Body = tx => tx.TaskCount == 1 ? null : Refusal.Invalid("not seen"),
                Completion = inner.Set,
            }),
        });
        fixture.Commit();
        Assert.Equal(SubmitStatus.Committed, inner.Status);
    }

    [Fact]
    public void Does_not_let_time_go_backwards()
    {
        SequencerFixture fixture = new SequencerFixture().Leading();
        fixture.SubmitTask();
        fixture.Now = new ClusterTime(10);
        fixture.SubmitTask();
        fixture.Commit();
        Assert.Equal(new ClusterTime(1_000), fixture.Replica.Committed.Time);
    }
}
