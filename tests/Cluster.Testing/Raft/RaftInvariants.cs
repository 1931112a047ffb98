using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Cluster.Model;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;

namespace Cluster.Testing.Raft;

/// <summary>
/// Sees everything that every member does, and knows what must never happen. Nothing here is derived from what a single member believes.
/// </summary>
public sealed class RaftInvariants
{
    private readonly Dictionary<ulong, MemberId> _leaders = [];
    private readonly Dictionary<LogPosition, (ulong PreviousTerm, ulong Hash)> _entries = [];
    private readonly Dictionary<ulong, ulong> _committedTerms = [];
    private readonly Dictionary<ulong, (ulong Term, ulong Digest)> _applied = [];
    private readonly Dictionary<MemberId, ulong> _checkedCommit = [];
    private readonly Dictionary<(MemberId Voter, ulong Term), MemberId> _votes = [];

    private readonly Dictionary<(MemberId Candidate, ulong Term), HashSet<MemberId>> _preVotes = [];

    private ulong _maxCommitTerm;

    /// <summary>The highest index that any member has ever known to be committed.</summary>
    public ulong MaxCommit { get; private set; }

    public static ulong HashOf(LogEntry entry)
    {
        var hash = 14695981039346656037UL ^ (ulong)entry.Kind ^ ((ulong)entry.Data.Length << 8);
        var rest = entry.Data.Span;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            hash = System.Numerics.BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * 0x9E3779B97F4A7C15UL, 29);
        foreach (var b in rest)
            hash = (hash ^ b) * 1099511628211UL;
        return hash;
    }

    public static ulong Digest(ulong before, LogEntry entry) =>
        System.Numerics.BitOperations.RotateLeft(before * 0x9E3779B97F4A7C15UL, 17) ^ HashOf(entry) ^ (entry.Index * 31) ^ entry.Term;

    /// <summary>Whether all that was ever committed is in this log, or in the snapshot that it begins with.</summary>
    public bool HoldsAllCommitted(DurableLog log) => MaxCommit == 0 || log.Covers(new LogPosition(MaxCommit, _committedTerms[MaxCommit]));

    public void Restarted(MemberId member) => _checkedCommit.Remove(member);

    /// <summary>Called after each step of a member, before anything of <paramref name="ready"/> leaves.</summary>
    public void Check(RaftCore core, Ready ready, Func<MemberId, DurableLog?> disks)
    {
        if (core.Role == RaftRole.Leader)
            CheckLeader(core);
        if (ready.Batch is { Entries: { Count: > 0 } entries })
        {
            foreach (var entry in entries)
                CheckEntry(core, entry);
        }

        CheckCommit(core, disks);
        if (ready.Committed is [.., var delivered])
            Require(disks(core.Self)!.Covers(delivered.Position), $"{core.Self} delivers {delivered.Position}, which is not on its disk");
        foreach (var message in ready.Messages)
            CheckPromise(core, message, disks(core.Self)!);
    }

    /// <summary>State machine safety.</summary>
    public void Applied(MemberId member, ulong index, ulong term, ulong digest)
    {
        if (_applied.TryAdd(index, (term, digest)))
            return;
        Require(_applied[index] == (term, digest), $"{member} has another state at {index} than others had");
    }

    public void CheckRestored(MemberId member, ulong index, ulong digest) =>
        Require(_applied.TryGetValue(index, out var known) && known.Digest == digest, $"{member} restored a state at {index} that nobody had");

    public static void CheckRead(MemberId member, ulong index, ulong committedWhenAsked) =>
        Require(index >= committedWhenAsked, $"{member} reads at {index}; {committedWhenAsked} was committed when it asked");

    /// <summary>What was acknowledged to a client is what all have.</summary>
    public void CheckAcknowledged(ulong index, ulong term) =>
        Require(_applied.TryGetValue(index, out var known) && known.Term == term, $"the acknowledged entry {index}@{term} is gone");

    public static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref InvariantMessage what)
    {
        if (!condition)
            throw new RaftInvariantException(what.ToString());
    }

    /// <summary>Election safety and leader completeness.</summary>
    private void CheckLeader(RaftCore core)
    {
        if (!_leaders.TryAdd(core.Term, core.Self))
        {
            Require(_leaders[core.Term] == core.Self, $"{core.Self} and {_leaders[core.Term]} lead in term {core.Term}");
            return;
        }

        // One that does not know yet that it was replaced need not have what its successor committed.
        if (MaxCommit == 0 || MaxCommit <= core.Log.Begin.Index || core.Term < _maxCommitTerm)
            return;
        Require(core.Log.TermAt(MaxCommit) == _committedTerms[MaxCommit], $"the leader {core.Self} of term {core.Term} lacks the committed {MaxCommit}");
    }

    /// <summary>Log matching, by induction: an entry has the same content and the same predecessor wherever it is.</summary>
    private void CheckEntry(RaftCore core, LogEntry entry)
    {
        var previousTerm = core.Log.TermAt(entry.Index - 1);
        if (previousTerm is null)
            return;
        var facts = (previousTerm.Value, HashOf(entry));
        if (!_entries.TryAdd(entry.Position, facts))
            Require(_entries[entry.Position] == facts, $"{core.Self} has another entry {entry.Position} than others");
    }

    private void CheckCommit(RaftCore core, Func<MemberId, DurableLog?> disks)
    {
        if (_checkedCommit.TryGetValue(core.Self, out var known) && known == core.CommitIndex)
            return;
        var from = Math.Max(_checkedCommit.GetValueOrDefault(core.Self), core.Log.Begin.Index);
        for (var index = from + 1; index <= core.CommitIndex; index++)
        {
            var term = core.Log.TermAt(index)!.Value;
            if (!_committedTerms.TryAdd(index, term))
                Require(_committedTerms[index] == term, $"{core.Self} committed {index}@{term}; {index}@{_committedTerms[index]} was committed");
        }

        if (core.CommitIndex > from && core.Role == RaftRole.Leader)
        {
            Require(core.Log.TermAt(core.CommitIndex) == core.Term, $"{core.Self} of term {core.Term} commits {core.CommitIndex}@{core.Log.TermAt(core.CommitIndex)} of an earlier one by counting");
            CheckQuorumHasIt(core, disks);
        }

        if (core.CommitIndex > MaxCommit && core.CommitIndex > core.Log.Begin.Index)
            (MaxCommit, _maxCommitTerm) = (core.CommitIndex, core.Term);
        _checkedCommit[core.Self] = core.CommitIndex;
    }

    /// <summary>Committed means synced at a quorum: whatever crashes now, it is there.</summary>
    private static void CheckQuorumHasIt(RaftCore core, Func<MemberId, DurableLog?> disks)
    {
        var position = new LogPosition(core.CommitIndex, core.Log.TermAt(core.CommitIndex)!.Value);
        bool Has(MemberId id) => disks(id)?.Covers(position) == true;
        Require(
            Quorum.IsReached(core.Membership, Has) || Quorum.IsReached(core.CommittedMembership, Has),
            $"{core.Self} committed {position}, which no quorum has on disk");
    }

    /// <summary>A vote or acknowledgement that leaves is on the disk.</summary>
    private void CheckPromise(RaftCore core, RaftMessage message, DurableLog disk)
    {
        CheckSingleVote(message);
        CheckPreVote(core, message);
        var state = disk.HardState;
        switch (message)
        {
            case VoteResponse { Granted: true, IsPreVote: false } vote:
                Require(state.Term > vote.Term || (state.Term == vote.Term && state.VotedFor == vote.To), $"{vote.From}'s vote for {vote.To} is not on disk");
                break;
            case VoteRequest { IsPreVote: false } request:
                Require(state.Term > request.Term || (state.Term == request.Term && state.VotedFor == request.From), $"{request.From}'s candidacy is not on disk");
                break;
            case AppendResponse { Accepted: true } response:
                Require(state.Term >= response.Term, $"{response.From}'s term {response.Term} is not on disk");
                Require(state.Term > response.Term || disk.LastIndex >= response.Index, $"{response.From} acknowledges {response.Index}, its disk ends at {disk.LastIndex}");
                break;
            case HeartbeatResponse response:
                Require(state.Term >= response.Term, $"{response.From}'s term {response.Term} is not on disk");
                break;
        }
    }

    /// <summary>Nobody raises the term, and so deposes a leader, before a quorum said that it misses the leader too.</summary>
    private void CheckPreVote(RaftCore core, RaftMessage message)
    {
        if (message is VoteResponse { Granted: true, IsPreVote: true } granted)
        {
            if (!_preVotes.TryGetValue((granted.To, granted.Term), out var voters)) _preVotes[(granted.To, granted.Term)] = voters = [];
            voters.Add(granted.From);
        }

        if (message is not VoteRequest { IsPreVote: false, IsTransfer: false } request || core.Role != RaftRole.Candidate || core.Term != request.Term)
            return;
        var supporters = _preVotes.GetValueOrDefault((request.From, request.Term));
        Require(Quorum.IsReached(core.Membership, id => id == core.Self || supporters?.Contains(id) == true), $"{core.Self} campaigns in term {core.Term} without a quorum's pre-votes");
    }

    private void CheckSingleVote(RaftMessage message)
    {
        var vote = message switch
        {
            VoteResponse { Granted: true, IsPreVote: false } => message.To,
            VoteRequest { IsPreVote: false } => message.From,
            _ => MemberId.None,
        };
        if (!vote.IsNone && !_votes.TryAdd((message.From, message.Term), vote))
            Require(_votes[(message.From, message.Term)] == vote, $"{message.From} votes twice in term {message.Term}");
    }
}
