using Cluster.Model;
using Cluster.Store.Replication;

namespace Cluster.Store.Sequencing;

public sealed partial class Sequencer
{
    /// <summary>This member leads in a new term. Nothing is sequenced before an entry of that term has been applied here.</summary>
    public void BecomeLeader(ulong term)
    {
        Invariant.Check(term > Term, "terms grow");
        LoseLeadership();
        Term = term;
        State = LeadershipState.CatchingUp;
    }

    /// <summary>Drops what is not committed: whoever waits for it gets Unknown, and who was not yet looked at NotLeader.</summary>
    public void LoseLeadership()
    {
        if (State == LeadershipState.Follower) return;
        State = LeadershipState.Follower;
        List<PendingEntry> lost = _pending.CutFrom(0);
        Submission[] waiting = [.. _waiting];
        _waiting.Clear();
        if (lost.Count > 0) _observer?.HeadReset(Head);
        foreach (PendingEntry entry in lost) entry.Lost();
        foreach (Submission submission in waiting) submission.Completion(SubmitOutcome.NotLeader);
    }

    /// <summary>
    /// Takes in a committed entry, in the log's order, on leader and follower alike. <paramref name="term"/> is the entry's. Empty data is
    /// a leader's first entry or a change of members.
    /// </summary>
    public ApplyResult Apply(ulong term, ReadOnlyMemory<byte> data)
    {
        ApplyResult result = State == LeadershipState.Leading && term == Term && !data.IsEmpty ? ApplyOwn(data) : _replica.Apply(data);
        if (State == LeadershipState.CatchingUp && term == Term) BeginSequencing();
        Pump();
        return result;
    }

    /// <summary>Replaces the state by a snapshot that came from the leader.</summary>
    public void Restore(StoreSnapshot snapshot)
    {
        LoseLeadership();
        _replica.Restore(snapshot);
    }

    /// <summary>The log lost a proposal of this leadership: it and all that rest on it will never be applied.</summary>
    public void ProposalDropped(ulong term, ulong version)
    {
        if (State != LeadershipState.Leading || term != Term || !_pending.Contains(version)) return;
        DropFrom(version);
        Pump();
    }

    private void BeginSequencing()
    {
        State = LeadershipState.Leading;
        _lastVersion = _replica.Committed.Version;
        _observer?.HeadReset(Head);
    }

    private ApplyResult ApplyOwn(ReadOnlyMemory<byte> data)
    {
        if (_pending.Oldest is { } oldest && !oldest.Is(data.Span))
        {
            // It rests on an entry that is known to be lost; or else those before it were lost without notice.
            if (!_pending.Contains(data.Span)) return _replica.Apply(data);
            DropFrom(oldest.Version);
        }

        if (_pending.Oldest?.Is(data.Span) != true) return _replica.Apply(data);
        PendingEntry committed = _pending.RemoveOldest();
        ApplyResult result = _replica.Adopt(committed.State, committed.PreviousVersion, committed.Actor, committed.Changes);
        committed.Committed();
        return result;
    }

    private void DropFrom(ulong version)
    {
        List<PendingEntry> lost = _pending.CutFrom(version);
        _observer?.HeadReset(Head);
        foreach (PendingEntry entry in lost) entry.Lost();
    }
}
