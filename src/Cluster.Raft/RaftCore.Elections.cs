using Cluster.Raft.Members;
using Cluster.Raft.Messages;

namespace Cluster.Raft;

/// <summary>Pre-vote, vote, leadership and its end.</summary>
public sealed partial class RaftCore
{
    private readonly Dictionary<MemberId, bool> _votes = [];
    private int _electionElapsed;
    private int _electionTimeout;
    private int _heartbeatElapsed;
    private bool _leaderIsSuspect;
    private ulong _ownVoteSequence;
    private MemberId _transferee;

    private bool HearsLeader => !_leader.IsNone && !_leaderIsSuspect && _electionElapsed < _options.ElectionTicks;

    /// <summary>
    /// A voter of the newest configuration, or one that a configuration drops that is not known to be committed: its log may be longer than all
    /// others', who then cannot win without it.
    /// </summary>
    private bool MayCampaign =>
        _installing is null
        && !StorageIsStalled
        && (_memberships.Latest.IsVoter(Self) || (_memberships.LatestIndex > _commit && _memberships.Previous.IsVoter(Self)));

    /// <summary>
    /// The stream to a member broke. Replication to it probes again; if it was the leader, an election starts soon, which its other followers only
    /// join when they miss it too.
    /// </summary>
    public void ReportUnreachable(MemberId member)
    {
        if (_role == RaftRole.Leader)
        {
            if (_progress.TryGetValue(member, out var progress) && progress.State == Replication.MemberState.Replicate)
                progress.BecomeProbe();
        }
        else if (member == _leader && MayCampaign)
        {
            _leaderIsSuspect = true;
            _electionElapsed = Math.Max(_electionElapsed, _electionTimeout - _random.Next(1, (_options.ElectionTicks / 2) + 2));
        }
    }

    /// <summary>Hands leadership to a voter, as soon as its log is complete; gives up after one election time-out.</summary>
    /// <returns>False when this member does not lead or the other is no voter.</returns>
    public bool TransferLeadership(MemberId to)
    {
        if (_role != RaftRole.Leader || to == Self || !_memberships.Latest.IsVoter(to) || !_progress.TryGetValue(to, out var progress))
            return false;
        _transferee = to;
        _electionElapsed = 0;
        if (progress.Match == _log.LastIndex)
            Send(new TimeoutNow(Self, to, _term));
        else
            SendAppends(to, progress, allowEmpty: true);
        return true;
    }

    /// <summary>Campaigns now instead of waiting for the time-out: for a lone member, and for tests. Does nothing where it may not.</summary>
    public void Campaign()
    {
        if (_role != RaftRole.Leader && MayCampaign)
            StartPreVote();
    }

    private void ResetElectionTimer()
    {
        _electionElapsed = 0;
        _heartbeatElapsed = 0;
        _electionTimeout = _random.Next(_options.ElectionTicks, 2 * _options.ElectionTicks);
    }

    private void TickFollower()
    {
        TickForwardedReads();
        if (_electionElapsed < _electionTimeout)
            return;
        if (MayCampaign)
            StartPreVote();
        else
            _leader = MemberId.None;
    }

    private void TickLeader()
    {
        if (StorageIsStalled)
        {
            BecomeFollower(_term, MemberId.None);
            return;
        }

        if (_electionElapsed >= _options.ElectionTicks)
        {
            _electionElapsed = 0;
            _transferee = MemberId.None;
            var reached = Quorum.IsReached(_memberships.Latest, id => id == Self || (_progress.TryGetValue(id, out var p) && p.IsActive));
            foreach (var progress in _progress.Values)
                progress.IsActive = false;
            if (!reached)
            {
                BecomeFollower(_term, MemberId.None);
                return;
            }
        }

        if (++_heartbeatElapsed >= _options.HeartbeatTicks)
        {
            _heartbeatElapsed = 0;
            BroadcastHeartbeat();
        }
    }

    private void StartPreVote()
    {
        FailReads();
        ResetElectionTimer();
        _role = RaftRole.PreCandidate;
        _leader = MemberId.None;
        _votes.Clear();
        RecordVote(Self, granted: true);
        if (_role == RaftRole.PreCandidate)
            RequestVotes(_term + 1, isPreVote: true, isTransfer: false);
    }

    private void StartElection(bool isTransfer)
    {
        FailReads();
        EnterTerm(_term + 1);
        _role = RaftRole.Candidate;
        _votedFor = Self;
        _ownVoteSequence = _nextSequence;
        RequestVotes(_term, isPreVote: false, isTransfer);
    }

    private void RequestVotes(ulong term, bool isPreVote, bool isTransfer)
    {
        var membership = _memberships.Latest;
        foreach (var id in membership.Members)
        {
            if (id == Self || !membership.IsVoter(id))
                continue;
            var request = new VoteRequest(Self, id, term, _log.Last, isPreVote, isTransfer);
            if (isPreVote)
                Send(request);
            else
                SendAfterHardState(request);
        }
    }

    private void OnVoteRequest(VoteRequest request)
    {
        var isFree = request.IsPreVote
            ? request.Term > _term || (_votedFor.IsNone && _leader.IsNone)
            : _votedFor == request.From || (_votedFor.IsNone && _leader.IsNone);
        var granted = isFree && _installing is null && request.Last.IsAtLeastAsUpToDateAs(_log.Last);
        if (granted && !request.IsPreVote)
        {
            _votedFor = request.From;
            _electionElapsed = 0;
        }

        var term = granted ? request.Term : _term;
        SendAfterHardState(new VoteResponse(Self, request.From, term, request.IsPreVote, granted));
    }

    private void OnVoteResponse(VoteResponse response)
    {
        var expected = response.IsPreVote ? RaftRole.PreCandidate : RaftRole.Candidate;
        if (_role != expected || (response.IsPreVote && response.Granted && response.Term != _term + 1))
            return;
        RecordVote(response.From, response.Granted);
    }

    private void RecordVote(MemberId from, bool granted)
    {
        _votes.TryAdd(from, granted);
        var membership = _memberships.Latest;
        if (Quorum.IsReached(membership, id => _votes.TryGetValue(id, out var vote) && vote))
        {
            if (_role == RaftRole.PreCandidate)
                StartElection(isTransfer: false);
            else if (_role == RaftRole.Candidate)
                BecomeLeader();
        }
        else if (!Quorum.IsReached(membership, id => !_votes.TryGetValue(id, out var vote) || vote))
        {
            BecomeFollower(_term, MemberId.None);
        }
    }

    private void OnTimeoutNow()
    {
        if (_role == RaftRole.Follower && MayCampaign)
            StartElection(isTransfer: true);
    }

    private void BecomeLeader()
    {
        Invariant.Check(_votedFor == Self && !HardStateIsDirty && _hardStateSequence <= _persistedSequence);
        ResetElectionTimer();
        _role = RaftRole.Leader;
        _leader = Self;
        _uncommittedBytes = 0;
        _votes.Clear();
        ResetReads();
        FollowMembership();
        AppendOwn(EntryKind.Empty, default);
        BroadcastAppends();
    }

    /// <summary>A leader that the committed configuration does not count any more leaves it to the best of the others.</summary>
    private void ResignWhenDropped()
    {
        var membership = _memberships.Latest;
        if (_memberships.LatestIndex > _commit || membership.IsJoint || membership.IsVoter(Self))
            return;
        var best = membership.Voters.Where(_progress.ContainsKey).OrderByDescending(id => _progress[id].Match).FirstOrDefault();
        BroadcastAppends();
        if (!best.IsNone)
            Send(new TimeoutNow(Self, best, _term));
        BecomeFollower(_term, MemberId.None);
    }
}
