using Cluster.Raft.Members;
using Cluster.Raft.Messages;

namespace Cluster.Raft;

/// <summary>
/// Linearizable reads. A read's index is the commit index when it was asked; it is confirmed when a quorum answers a heartbeat round that began
/// afterwards. Rounds are shared: while one is out, all new reads wait for the next.
/// </summary>
public sealed partial class RaftCore
{
    private readonly List<ReadResult> _readResults = [];
    private readonly Queue<PendingRead> _pendingReads = new();
    private readonly Queue<PendingRead> _earlyReads = new();
    private readonly SortedDictionary<ulong, (ulong Token, int Ticks)> _forwardedReads = [];
    private ulong _readRound;
    private ulong _confirmedRound;
    private ulong _nextReadRequest;

    /// <summary>Asks for a read index; any member may. The answer, also a refusal, comes in <see cref="Ready.Reads"/>.</summary>
    public void ReadIndex(ulong token)
    {
        if (_role == RaftRole.Leader)
        {
            Register(Self, token);
        }
        else if (_leader.IsNone || _forwardedReads.Count >= _options.MaxPendingReads)
        {
            _readResults.Add(new ReadResult(token, Confirmed: false, 0));
        }
        else
        {
            var request = _nextReadRequest++;
            _forwardedReads.Add(request, (token, 0));
            Send(new ReadIndexRequest(Self, _leader, _term, request));
        }
    }

    private void OnReadIndexRequest(ReadIndexRequest request)
    {
        if (_role == RaftRole.Leader)
            Register(request.From, request.Request);
        else
            Send(new ReadIndexResponse(Self, request.From, _term, request.Request, Confirmed: false, 0));
    }

    private void OnReadIndexResponse(ReadIndexResponse response)
    {
        if (_forwardedReads.Remove(response.Request, out var read))
            _readResults.Add(new ReadResult(read.Token, response.Confirmed, response.Index));
    }

    private void Register(MemberId origin, ulong token)
    {
        if (_pendingReads.Count + _earlyReads.Count >= _options.MaxPendingReads)
            Answer(new PendingRead(origin, token, 0, 0), confirmed: false);
        else if (!LeaderIsEstablished)
            _earlyReads.Enqueue(new PendingRead(origin, token, 0, 0));
        else
            AskQuorum(origin, token);
    }

    private void AskQuorum(MemberId origin, ulong token)
    {
        _pendingReads.Enqueue(new PendingRead(origin, token, _commit, _readRound + 1));
        if (_readRound == _confirmedRound)
            StartReadRound();
    }

    private void StartReadRound()
    {
        _readRound++;
        BroadcastHeartbeat();
        ConfirmReads();
    }

    private void ConfirmReads()
    {
        if (_readRound == _confirmedRound)
            return;
        _confirmedRound = Math.Max(_confirmedRound, Quorum.Agreed(_memberships.Latest, RoundOf));
        while (_pendingReads.TryPeek(out var read) && read.Round <= _confirmedRound)
            Answer(_pendingReads.Dequeue(), confirmed: true);
        if (_pendingReads.Count > 0 && _readRound == _confirmedRound)
            StartReadRound();
    }

    private ulong RoundOf(MemberId id)
    {
        if (id == Self)
            return _readRound;
        return _progress.TryGetValue(id, out var progress) ? progress.AcknowledgedRound : 0;
    }

    /// <summary>Reads that came before the leader knew what is committed.</summary>
    private void AnswerEarlyReads()
    {
        while (LeaderIsEstablished && _earlyReads.TryDequeue(out var read))
            AskQuorum(read.Origin, read.Token);
    }

    private void Answer(PendingRead read, bool confirmed)
    {
        if (read.Origin == Self)
            _readResults.Add(new ReadResult(read.Token, confirmed, read.Index));
        else
            Send(new ReadIndexResponse(Self, read.Origin, _term, read.Token, confirmed, read.Index));
    }

    /// <summary>Leadership, or the leader that was asked, is gone.</summary>
    private void FailReads()
    {
        while (_earlyReads.TryDequeue(out var read) || _pendingReads.TryDequeue(out read))
            Answer(read, confirmed: false);
        foreach (var (token, _) in _forwardedReads.Values)
            _readResults.Add(new ReadResult(token, Confirmed: false, 0));
        _forwardedReads.Clear();
    }

    private void ResetReads() => _readRound = _confirmedRound = 0;

    private void TickForwardedReads()
    {
        if (_forwardedReads.Count == 0)
            return;
        foreach (var (request, (token, ticks)) in _forwardedReads.ToList())
        {
            if (ticks + 1 < _options.ElectionTicks)
            {
                _forwardedReads[request] = (token, ticks + 1);
                continue;
            }

            _forwardedReads.Remove(request);
            _readResults.Add(new ReadResult(token, Confirmed: false, 0));
        }
    }

    private readonly record struct PendingRead(MemberId Origin, ulong Token, ulong Index, ulong Round);
}
