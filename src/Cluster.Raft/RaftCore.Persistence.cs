using System.Runtime.InteropServices;
using Cluster.Raft.Messages;

namespace Cluster.Raft;

/// <summary>
/// What is handed to the storage, and what waits for it. A message that promises something is held until the batch with it is synced.
/// </summary>
public sealed partial class RaftCore
{
    private readonly Queue<(ulong Sequence, ulong LastIndex)> _outstanding = new();
    private readonly List<(ulong Sequence, RaftMessage Message)> _held = [];

    private ulong _nextSequence = 1;
    private ulong _persistedSequence;
    private ulong _handedTerm;
    private MemberId _handedVote;
    private ulong _hardStateSequence;
    private ulong _handedIndex;
    private ulong _persistedIndex;
    private int _stallTicks;

    /// <summary>Batches before this one still hold entries that are gone since: their completion proves nothing.</summary>
    private ulong _truncationSequence;

    private SnapshotMark? _pendingMark;
    private SnapshotMetadata? _installing;
    private ulong _installSequence;

    private bool HardStateIsDirty => _term != _handedTerm || _votedFor != _handedVote;

    private bool HasUnhanded => HardStateIsDirty || _handedIndex < _log.LastIndex || _pendingMark is not null;

    /// <summary>Takes what there is to do. Cheap when there is nothing.</summary>
    public Ready TakeReady()
    {
        SendWhatIsDue();
        var batch = TakeBatch();
        var restore = _restore;
        _restore = null;
        return new Ready
        {
            Batch = batch,
            Restore = restore,
            Committed = TakeCommitted(),
            Messages = TakeAll(_outbox),
            Reads = TakeAll(_readResults),
            Term = _term,
            Role = _role,
            Leader = _leader,
            LeaderIsEstablished = LeaderIsEstablished,
        };
    }

    /// <summary>Everything up to this batch is synced.</summary>
    public void Persisted(ulong sequence)
    {
        Invariant.Check(sequence < _nextSequence);
        if (sequence <= _persistedSequence)
            return;
        _persistedSequence = sequence;
        _stallTicks = 0;
        while (_outstanding.TryPeek(out var batch) && batch.Sequence <= sequence)
        {
            _outstanding.Dequeue();
            if (batch.Sequence == _installSequence && _installing is not null)
                FinishInstall();
            if (batch.Sequence >= _truncationSequence)
                _persistedIndex = Math.Max(_persistedIndex, batch.LastIndex);
        }

        ReleaseHeld(sequence);

        if (_role == RaftRole.Candidate && _ownVoteSequence <= sequence)
            RecordVote(Self, granted: true);
        if (_role == RaftRole.Leader)
            AdvanceCommit();
    }

    private PersistBatch? TakeBatch()
    {
        if (!HasUnhanded)
            return null;
        var sequence = _nextSequence++;
        if (HardStateIsDirty)
            _hardStateSequence = sequence;
        var entries = _log.Slice(_handedIndex + 1, _log.LastIndex, long.MaxValue);
        var batch = new PersistBatch(sequence, new HardState(_term, _votedFor, _commit), _pendingMark, entries);
        _handedTerm = _term;
        _handedVote = _votedFor;
        _handedIndex = _log.LastIndex;
        _pendingMark = null;
        _outstanding.Enqueue((sequence, _handedIndex));
        return batch;
    }

    /// <summary>Only what is synced here too, so that after a restart the state machine is never ahead of the log.</summary>
    private IReadOnlyList<LogEntry> TakeCommitted()
    {
        var last = Math.Min(_commit, _persistedIndex);
        if (_installing is not null || last <= _delivered)
            return [];
        var committed = _log.Slice(_delivered + 1, last, long.MaxValue);
        _delivered = last;
        return committed;
    }

    private static T[] TakeAll<T>(List<T> list)
    {
        if (list.Count == 0)
            return [];
        var taken = list.ToArray();
        list.Clear();
        return taken;
    }

    private void TruncateFrom(ulong index)
    {
        Invariant.Check(index > _commit);
        Invariant.Check(_role == RaftRole.Follower);
        _log.TruncateFrom(index);
        _memberships.TruncateFrom(index);
        if (_handedIndex < index)
            return;
        _handedIndex = index - 1;
        _persistedIndex = Math.Min(_persistedIndex, index - 1);
        _truncationSequence = _nextSequence;
    }

    private void ReleaseHeld(ulong sequence)
    {
        var kept = 0;
        foreach (var held in CollectionsMarshal.AsSpan(_held))
        {
            if (held.Sequence <= sequence)
                _outbox.Add(held.Message);
            else
                _held[kept++] = held;
        }

        _held.RemoveRange(kept, _held.Count - kept);
    }

    private void Send(RaftMessage message) => _outbox.Add(message);

    /// <summary>For what speaks for the present term and vote.</summary>
    private void SendAfterHardState(RaftMessage message)
    {
        var sequence = HardStateIsDirty ? _nextSequence : _hardStateSequence;
        SendAfter(sequence, message);
    }

    /// <summary>For what promises that the log up to <paramref name="index"/> is synced.</summary>
    private void SendAfterLog(ulong index, RaftMessage message)
    {
        if (index <= _persistedIndex && _installing is null)
            SendAfterHardState(message);
        else
            SendAfter(HasUnhanded ? _nextSequence : _nextSequence - 1, message);
    }

    private void SendAfter(ulong sequence, RaftMessage message)
    {
        if (sequence <= _persistedSequence)
            Send(message);
        else
            _held.Add((sequence, message));
    }
}
