using Cluster.Model;
using Cluster.Store.Replication;

namespace Cluster.Store.Sequencing;

/// <summary>
/// Puts changes in order. On the leader it runs each submission on the newest state, committed or not ("speculative"), proposes the result
/// and goes on without waiting for the quorum; whoever asked is answered when the state that the answer rests on is committed. On every
/// member it applies what commits. Owned by one thread; synchronous; never calls itself: completions and the log may only queue.
/// What must hold: the pending entries form a chain on the committed state; a version is never given twice in one leadership, so that
/// an entry whose predecessor was lost can follow nothing; a follower has no speculative state.
/// </summary>
public sealed partial class Sequencer
{
    private readonly StoreReplica _replica;
    private readonly IReplicatedLog _log;
    private readonly IHeadObserver? _observer;
    private readonly SequencerOptions _options;
    private readonly PendingWindow _pending;
    private readonly Queue<Submission> _waiting = new();
    private ulong _lastVersion;
    private bool _pumping;

    public Sequencer(StoreReplica replica, IReplicatedLog log, IHeadObserver? observer, SequencerOptions options)
    {
        _replica = replica;
        _log = log;
        _observer = observer;
        _options = options;
        _pending = new(options.MaxUnacknowledgedEntries, options.MaxUnacknowledgedBytes);
    }

    public LeadershipState State { get; private set; }

    /// <summary>The term that this member leads or last led in.</summary>
    public ulong Term { get; private set; }

    /// <summary>What the next transaction starts from: the newest sequenced state of a leader, the committed state of others.</summary>
    public StoreSnapshot Head => _pending.Newest?.State ?? _replica.Committed;

    /// <summary>Entries proposed and not committed.</summary>
    public int UnacknowledgedEntries => _pending.Count;

    public long UnacknowledgedBytes => _pending.Bytes;

    /// <summary>Submissions that wait for the window or for leadership to be complete.</summary>
    public int WaitingSubmissions => _waiting.Count;

    /// <summary>Makes the change now, or when there is room; see <see cref="Submission"/>.</summary>
    public void Submit(Submission submission)
    {
        if (State == LeadershipState.Follower)
        {
            submission.Completion(SubmitOutcome.NotLeader);
            return;
        }

        if (_waiting.Count >= _options.MaxWaiting)
        {
            submission.Completion(SubmitOutcome.Refused(new(RefusalKind.LimitExceeded,
                $"{_waiting.Count} changes wait to be made, which is the limit: the cluster cannot keep up; try again later")));
            return;
        }

        _waiting.Enqueue(submission);
        Pump();
    }

    private void Pump()
    {
        if (_pumping) return;
        _pumping = true;
        try
        {
            while (State == LeadershipState.Leading && !_pending.IsFull && _waiting.TryDequeue(out Submission? next)) Sequence(next);
        }
        finally
        {
            _pumping = false;
        }
    }

    private void Sequence(Submission submission)
    {
        StoreSnapshot head = Head;
        if (RequestLedger.Known(head, submission) is { } first)
        {
            AnswerWhenCommitted(submission, first);
            return;
        }

        WorkingTransaction transaction = new(head, submission.Now < head.Time ? head.Time : submission.Now, _lastVersion + 1);
        SubmitOutcome outcome = Run(submission, transaction);
        if (transaction.IsEmpty || outcome.Status != SubmitStatus.Committed)
        {
            // What the body noted of its version, such as a cache's, must not be taken for that of another transaction.
            if (!transaction.IsEmpty) _lastVersion = transaction.NextVersion;
            if (outcome.Status == SubmitStatus.Faulted) submission.Completion(outcome);
            else AnswerWhenCommitted(submission, outcome);
            return;
        }

        _lastVersion = transaction.NextVersion;
        Propose(submission, transaction, outcome);
    }

    private SubmitOutcome Run(Submission submission, WorkingTransaction transaction)
    {
        try
        {
            if (submission.Body(transaction) is { } refusal) return SubmitOutcome.Refused(refusal);
            return new(SubmitStatus.Committed)
            {
                Request = RequestLedger.Record(transaction, submission, _options),
                Version = transaction.IsEmpty ? transaction.Version : transaction.NextVersion,
            };
        }
        catch (Exception fault)
        {
            // The body is the caller's code: its bug is the caller's to report, and the transaction is thrown away.
            return new(SubmitStatus.Faulted) { Fault = fault };
        }
    }

    private void Propose(Submission submission, WorkingTransaction transaction, SubmitOutcome outcome)
    {
        byte[] entry = EntryBuilder.Build(transaction, Term, submission.Actor, submission.RequestId);
        if (entry.Length > _options.MaxEntryBytes)
        {
            AnswerWhenCommitted(submission, SubmitOutcome.Refused(new(RefusalKind.LimitExceeded,
                $"the change takes {entry.Length} bytes, more than the {_options.MaxEntryBytes} allowed for one: make it in smaller steps")));
            return;
        }

        if (!_log.Propose(Term, transaction.NextVersion, entry))
        {
            submission.Completion(SubmitOutcome.NotLeader);
            return;
        }

        PendingEntry pending = new(transaction.Seal(), transaction.Version, submission.Actor, transaction.Changes, entry);
        pending.WhenCommitted(submission.Completion, outcome);
        _pending.Add(pending);
        _observer?.HeadAdvanced(pending.PreviousVersion, pending.State, pending.Changes);
    }

    private void AnswerWhenCommitted(Submission submission, SubmitOutcome outcome)
    {
        if (_pending.Newest is { } newest) newest.WhenCommitted(submission.Completion, outcome);
        else submission.Completion(outcome);
    }
}
