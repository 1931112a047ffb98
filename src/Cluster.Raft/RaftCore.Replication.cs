using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Cluster.Raft.Replication;

namespace Cluster.Raft;

/// <summary>Proposals, appends, commit.</summary>
public sealed partial class RaftCore
{
    private long _uncommittedBytes;

    /// <summary>There are new entries to send: with the next <see cref="TakeReady"/>, so that what is proposed in one turn of the host travels together.</summary>
    private bool _appendsAreDue;

    /// <summary>The same for a new commit index, of which followers are told without entries too.</summary>
    private bool _commitIsDue;

    /// <summary>
    /// Appends entries if this member leads. The bytes must not change afterwards. Committed is what <see cref="Ready.Committed"/> delivers with
    /// the same index and term.
    /// </summary>
    public ProposalResult Propose(IReadOnlyList<ReadOnlyMemory<byte>> data)
    {
        if (RefuseProposal() is { } refused)
            return refused;
        long bytes = 0;
        for (var i = 0; i < data.Count; i++)
        {
            if (data[i].Length > _options.MaxEntryBytes)
                return Refuse(ProposalRefusal.InvalidSize);
            bytes += data[i].Length + LogEntry.OverheadBytes;
        }

        if (data.Count == 0)
            return Refuse(ProposalRefusal.InvalidSize);
        if (_uncommittedBytes > 0 && _uncommittedBytes + bytes > _options.MaxUncommittedBytes)
            return Refuse(ProposalRefusal.TooMuchUncommitted);

        var first = _log.LastIndex + 1;
        for (var i = 0; i < data.Count; i++)
            AppendOwn(EntryKind.Data, data[i]);
        _appendsAreDue = true;
        return ProposalResult.Accepted(first, _log.LastIndex, _term, Self);
    }

    private ProposalResult? RefuseProposal()
    {
        if (_role != RaftRole.Leader)
            return Refuse(ProposalRefusal.NotLeader);
        return _transferee.IsNone ? null : Refuse(ProposalRefusal.TransferringLeadership);
    }

    private ProposalResult Refuse(ProposalRefusal refusal) => ProposalResult.Refused(refusal, _term, _leader);

    private void AppendOwn(EntryKind kind, ReadOnlyMemory<byte> data)
    {
        Invariant.Check(_role == RaftRole.Leader);
        var entry = new LogEntry(_log.LastIndex + 1, _term, kind, data);
        _log.Append(entry);
        _uncommittedBytes += entry.Size;
    }

    private void SendWhatIsDue()
    {
        if (_role == RaftRole.Leader && (_appendsAreDue || _commitIsDue))
            BroadcastAppends();
        _appendsAreDue = _commitIsDue = false;
    }

    /// <summary>Entries to whom the window allows them, a new commit to whom there is nothing else to send.</summary>
    private void BroadcastAppends()
    {
        foreach (var (id, progress) in _progress)
        {
            if (!SendAppends(id, progress, allowEmpty: _commitIsDue && progress.State == MemberState.Probe) && _commitIsDue)
                SendCommit(id, progress);
        }
    }

    /// <summary>Sends what the window allows.</summary>
    /// <returns>Whether entries were sent.</returns>
    private bool SendAppends(MemberId to, MemberProgress progress, bool allowEmpty)
    {
        var sent = false;
        for (; !progress.IsPaused && SendAppend(to, progress, allowEmpty); sent = true)
            allowEmpty = false;
        return sent;
    }

    /// <summary>To one that has been sent all there is: an empty append would be answered, which costs more than it tells.</summary>
    private void SendCommit(MemberId to, MemberProgress progress)
    {
        var sent = progress.Next - 1;
        if (progress is { State: MemberState.Replicate, IsPaused: false } && _log.TermAt(sent) is { } term)
            Send(new CommitNotice(Self, to, _term, new LogPosition(sent, term), _commit));
    }

    private bool SendAppend(MemberId to, MemberProgress progress, bool allowEmpty)
    {
        var previous = progress.Next - 1;
        if (_log.TermAt(previous) is not { } term)
            return SendSnapshot(to, progress);
        var entries = _log.Slice(progress.Next, _log.LastIndex, _options.MaxAppendBytes);
        if (entries.Count == 0 && !allowEmpty)
            return false;
        Send(new AppendRequest(Self, to, _term, new LogPosition(previous, term), entries, _commit));
        long bytes = 0;
        for (var i = 0; i < entries.Count; i++)
            bytes += entries[i].Size;
        progress.Sent(previous + (ulong)entries.Count, bytes);
        return entries.Count > 0;
    }

    private void OnAppendRequest(AppendRequest request)
    {
        FollowLeader(request.From);
        var previous = request.Previous;
        if (previous.Index < _commit)
        {
            // What is committed agrees; the leader goes on from there.
            SendAfterLog(_commit, new AppendResponse(Self, request.From, _term, Accepted: true, _commit, default));
            return;
        }

        if (!_log.Holds(previous))
        {
            RefuseAppend(request.From, previous);
            return;
        }

        foreach (var entry in request.Entries)
            AppendFromLeader(entry);
        var verified = previous.Index + (ulong)request.Entries.Count;
        CommitTo(Math.Min(request.Commit, verified));
        SendAfterLog(verified, new AppendResponse(Self, request.From, _term, Accepted: true, verified, default));
    }

    private void OnCommitNotice(CommitNotice notice)
    {
        FollowLeader(notice.From);
        if (notice.Sent.Index < _commit)
            return;
        if (_log.Holds(notice.Sent))
            CommitTo(Math.Min(notice.Commit, notice.Sent.Index));
        else
            RefuseAppend(notice.From, notice.Sent);
    }

    /// <summary>Tells the leader where the logs may agree.</summary>
    private void RefuseAppend(MemberId leader, LogPosition missing)
    {
        var hint = _log.LastPossibleMatch(missing);
        SendAfterHardState(new AppendResponse(Self, leader, _term, Accepted: false, missing.Index, hint));
    }

    private void AppendFromLeader(LogEntry entry)
    {
        var term = _log.TermAt(entry.Index);
        if (term == entry.Term)
            return;
        Invariant.Check(entry.Term <= _term);
        if (term is not null)
            TruncateFrom(entry.Index);
        _log.Append(entry);
        if (entry.Kind == EntryKind.Configuration)
            _memberships.Append(entry.Index, MembershipCodec.Decode(entry.Data.Span));
    }

    private void FollowLeader(MemberId leader)
    {
        Invariant.Check(_role != RaftRole.Leader);
        Invariant.Check(_leader.IsNone || _leader == leader);
        if (_role != RaftRole.Follower)
            BecomeFollower(_term, leader);
        _leader = leader;
        _leaderIsSuspect = false;
        _electionElapsed = 0;
    }

    private void OnAppendResponse(AppendResponse response)
    {
        if (_role != RaftRole.Leader || !_progress.TryGetValue(response.From, out var progress))
            return;
        progress.Answered();
        if (!response.Accepted)
        {
            if (progress.Refuse(response.Index, _log.LastPossibleMatch(response.Hint).Index))
                SendAppends(response.From, progress, allowEmpty: true);
            return;
        }

        Invariant.Check(response.Index <= _log.LastIndex);
        progress.Acknowledge(response.Index);
        if (progress.State == MemberState.Probe || (progress.State == MemberState.Snapshot && progress.Match >= progress.PendingSnapshot))
            progress.BecomeReplicate();

        AdvanceCommit();
        if (_role != RaftRole.Leader || !_progress.ContainsKey(response.From))
            return;
        SendAppends(response.From, progress, allowEmpty: false);
        if (response.From == _transferee && progress.Match == _log.LastIndex)
            Send(new TimeoutNow(Self, response.From, _term));
    }

    private void BroadcastHeartbeat()
    {
        foreach (var (id, progress) in _progress)
            Send(new Heartbeat(Self, id, _term, Math.Min(progress.Match, _commit), _readRound));
    }

    private void OnHeartbeat(Heartbeat heartbeat)
    {
        FollowLeader(heartbeat.From);
        CommitTo(heartbeat.Commit);
        SendAfterHardState(new HeartbeatResponse(Self, heartbeat.From, _term, heartbeat.Round));
    }

    private void OnHeartbeatResponse(HeartbeatResponse response)
    {
        if (_role != RaftRole.Leader || !_progress.TryGetValue(response.From, out var progress))
            return;
        progress.Answered();
        progress.ProbeSent = false;
        progress.AcknowledgedRound = Math.Max(progress.AcknowledgedRound, response.Round);
        ConfirmReads();

        // An append or its answer may be lost: an empty one, which the window does not count, brings that to light.
        if (progress.Match >= _log.LastIndex || progress.State == MemberState.Snapshot)
            return;
        if (progress.IsPaused && _log.TermAt(progress.Next - 1) is { } term)
        {
            Send(new AppendRequest(Self, response.From, _term, new LogPosition(progress.Next - 1, term), [], _commit));
            return;
        }

        // A full window that lies before the compacted beginning cannot be asked about: start over, with a snapshot if need be.
        if (progress.IsPaused)
            progress.BecomeProbe();
        SendAppends(response.From, progress, allowEmpty: true);
    }

    /// <summary>
    /// Commits what a quorum has synced, if it is of this term: an entry of an earlier one that a quorum holds can still be replaced (Raft, figure 8).
    /// </summary>
    private void AdvanceCommit()
    {
        var agreed = Quorum.Agreed(_memberships.Latest, MatchOf);
        if (agreed <= _commit || _log.TermAt(agreed) != _term)
            return;
        for (var index = _commit + 1; index <= agreed; index++)
        {
            if (_log[index].Term == _term)
                _uncommittedBytes -= _log[index].Size;
        }

        CommitTo(agreed);
        AnswerEarlyReads();
        LeaveJointWhenCommitted();
        _commitIsDue = true;
        ResignWhenDropped();
    }

    private ulong MatchOf(MemberId id)
    {
        if (id == Self)
            return _persistedIndex;
        return _progress.TryGetValue(id, out var progress) ? progress.Match : 0;
    }
}
