using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Cluster.Raft.Replication;

namespace Cluster.Raft;

/// <summary>
/// One member's part in consensus. Synchronous: no I/O, clock, thread or chance of its own. One thread owns it. See the README for the invariants and
/// for how a host drives it. After an exception the object must not be used again.
/// </summary>
public sealed partial class RaftCore
{
    private readonly RaftOptions _options;
    private readonly Random _random;
    private readonly RaftLog _log;
    private readonly MembershipHistory _memberships;
    private readonly SortedDictionary<MemberId, MemberProgress> _progress = [];
    private readonly List<RaftMessage> _outbox = [];

    private ulong _term;
    private MemberId _votedFor;
    private MemberId _leader;
    private RaftRole _role;
    private ulong _commit;
    private ulong _delivered;
    private SnapshotMetadata? _snapshot;
    private SnapshotMetadata? _restore;

    /// <param name="self">This member; never another member's id, never one that was used before with other state.</param>
    /// <param name="options">Equal in all members, though nothing breaks when they differ.</param>
    /// <param name="recovered">From the storage. The state machine starts from its snapshot.</param>
    /// <param name="random">For election time-outs.</param>
    public RaftCore(MemberId self, RaftOptions options, RecoveredLog recovered, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(self, MemberId.None);
        options.Validate();
        Self = self;
        _options = options;
        _random = random;
        _log = new RaftLog(recovered.Begin, recovered.Entries);
        _snapshot = recovered.Snapshot;
        var snapshotIndex = _snapshot?.Index ?? 0;
        Invariant.Check(recovered.Begin.Index <= snapshotIndex && _log.LastIndex >= snapshotIndex);

        _memberships = new MembershipHistory(snapshotIndex, _snapshot?.Membership ?? Membership.Empty);
        foreach (var entry in recovered.Entries)
        {
            if (entry.Kind == EntryKind.Configuration && entry.Index > snapshotIndex)
                _memberships.Append(entry.Index, MembershipCodec.Decode(entry.Data.Span));
        }

        // Entries may outlive the hard state that was written with them: then no vote of that term was ever sent.
        _term = Math.Max(recovered.HardState.Term, _log.Last.Term);
        _votedFor = _term == recovered.HardState.Term ? recovered.HardState.VotedFor : MemberId.None;
        _commit = Math.Max(snapshotIndex, Math.Min(recovered.HardState.Commit, _log.LastIndex));
        _delivered = snapshotIndex;
        _handedTerm = recovered.HardState.Term;
        _handedVote = recovered.HardState.VotedFor;
        _handedIndex = _persistedIndex = _log.LastIndex;
        _nextReadRequest = (ulong)random.NextInt64();
        ResetElectionTimer();
    }

    public MemberId Self { get; }

    public ulong Term => _term;

    public RaftRole Role => _role;

    /// <summary>The leader of this term as far as known.</summary>
    public MemberId Leader => _leader;

    public ulong CommitIndex => _commit;

    public ulong LastIndex => _log.LastIndex;

    /// <summary>The newest configuration in the log.</summary>
    public Membership Membership => _memberships.Latest;

    /// <summary>The newest configuration that is known to be committed.</summary>
    public Membership CommittedMembership => _memberships.At(_commit);

    /// <summary>A leader that has committed an entry of its own term, so that it knows everything that was committed before.</summary>
    public bool LeaderIsEstablished => _role == RaftRole.Leader && _log.TermAt(_commit) == _term;

    /// <summary>For the simulator's invariants.</summary>
    internal RaftLog Log => _log;

    private bool StorageIsStalled => _stallTicks >= _options.StorageStallTicks;

    /// <summary>One tick of the host's clock. A host that slept does not make up for the ticks it missed.</summary>
    public void Tick()
    {
        _electionElapsed = Math.Min(_electionElapsed + 1, int.MaxValue - 1);
        _stallTicks = _outstanding.Count == 0 ? 0 : _stallTicks + 1;
        if (_role == RaftRole.Leader)
            TickLeader();
        else
            TickFollower();
    }

    /// <summary>Takes in a message from the transport, which has checked who the sender is.</summary>
    public void Step(RaftMessage message)
    {
        if (message.To != Self || message.From == Self || message.From.IsNone)
            return;

        // But for the last word of a leader that has just removed itself.
        if (CommittedMembership.IsRemoved(message.From) && !(message is TimeoutNow && message.From == _leader))
            return;
        if (message.Term > _term)
        {
            if (!EnterLaterTerm(message))
                return;
        }
        else if (message.Term < _term)
        {
            AnswerEarlierTerm(message);
            return;
        }

        switch (message)
        {
            case VoteRequest m: OnVoteRequest(m); break;
            case VoteResponse m: OnVoteResponse(m); break;
            case AppendRequest m: OnAppendRequest(m); break;
            case AppendResponse m: OnAppendResponse(m); break;
            case CommitNotice m: OnCommitNotice(m); break;
            case Heartbeat m: OnHeartbeat(m); break;
            case HeartbeatResponse m: OnHeartbeatResponse(m); break;
            case InstallSnapshot m: OnInstallSnapshot(m); break;
            case TimeoutNow: OnTimeoutNow(); break;
            case ReadIndexRequest m: OnReadIndexRequest(m); break;
            case ReadIndexResponse m: OnReadIndexResponse(m); break;
            default: throw new ArgumentException($"Unknown message {message.GetType().Name}.", nameof(message));
        }
    }

    public RaftStatus DescribeStatus() => new(
        Self,
        _role,
        _term,
        _leader,
        _log.Begin.Index + 1,
        _log.LastIndex,
        _persistedIndex,
        _commit,
        _delivered,
        _snapshot?.Index ?? 0,
        _memberships.Latest,
        [.. _progress.Select(p => new MemberStatus(p.Key, p.Value.Match, p.Value.Next, p.Value.State, p.Value is { IsActive: true, HasAnswered: true }, p.Value.InFlight.Count))]);

    /// <returns>Whether the message is to be processed further.</returns>
    private bool EnterLaterTerm(RaftMessage message)
    {
        switch (message)
        {
            // Who hears a leader lets nobody disturb it, or a member that was cut off would depose it on its return.
            case VoteRequest { IsTransfer: false } when HearsLeader:
                return false;
            case VoteRequest { IsPreVote: true }:
            case VoteResponse { IsPreVote: true, Granted: true }:
                return true;
            case AppendRequest or CommitNotice or Heartbeat or InstallSnapshot:
                BecomeFollower(message.Term, message.From);
                return true;
            default:
                BecomeFollower(message.Term, MemberId.None);
                return true;
        }
    }

    /// <summary>A sender of an earlier term learns the present one where it would otherwise go on for ever.</summary>
    private void AnswerEarlierTerm(RaftMessage message)
    {
        if (message is AppendRequest or CommitNotice or Heartbeat or InstallSnapshot)
            SendAfterHardState(new AppendResponse(Self, message.From, _term, Accepted: false, 0, default));
        else if (message is VoteRequest { IsPreVote: true })
            SendAfterHardState(new VoteResponse(Self, message.From, _term, IsPreVote: true, Granted: false));
    }

    private void BecomeFollower(ulong term, MemberId leader)
    {
        Invariant.Check(term >= _term);
        FailReads();
        EnterTerm(term);
        _role = RaftRole.Follower;
        _leader = leader;
    }

    private void EnterTerm(ulong term)
    {
        if (term != _term)
        {
            _term = term;
            _votedFor = MemberId.None;
        }

        _leader = MemberId.None;
        _leaderIsSuspect = false;
        _transferee = MemberId.None;
        _votes.Clear();
        _progress.Clear();
        ResetElectionTimer();
    }

    private void CommitTo(ulong index)
    {
        if (index <= _commit)
            return;
        Invariant.Check(index <= _log.LastIndex);
        _commit = index;
    }
}
