using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Control.Dispatch;

/// <summary>
/// The sessions that one manager holds: one for each node, the newest. One owner, one thread; time is passed in and never goes back.
/// A session lives as long as signs of life come; what its end means for the node is the leader's to say (<see cref="NodeLiveness"/>).
/// </summary>
public sealed class SessionRegistry(SessionOptions options, IIdSource ids, Random random)
{
    private readonly SortedDictionary<NodeId, Session> _sessions = [];
    private readonly SortedSet<(ClusterTime At, NodeId Node)> _deadlines = [];
    private readonly Dictionary<NodeId, Queue<ClusterTime>> _openings = [];

    public int Count => _sessions.Count;

    /// <summary>Without the jitter.</summary>
    public TimeSpan HeartbeatPeriod { get; private set; } = options.HeartbeatPeriod;

    public ClusterTime? NextExpiry => _deadlines.Count == 0 ? null : _deadlines.Min.At;

    /// <param name="node">From the caller's certificate.</param>
    /// <param name="agent">What the agent has applied.</param>
    /// <param name="manager">What this manager has applied.</param>
    /// <param name="now">The time.</param>
    public SessionAnswer Open(NodeId node, AgentPosition agent, AgentPosition manager, ClusterTime now)
    {
        if (agent.IsAheadOf(manager))
        {
            return new(SessionVerdict.Behind, null, $"this manager is at version {manager.Version}, the node has seen {agent.Version}; ask another manager");
        }

        _sessions.TryGetValue(node, out Session? older);
        if (older is null && _sessions.Count >= options.MaxSessions)
        {
            return new(SessionVerdict.Busy, null, $"this manager serves {_sessions.Count} nodes already; ask another one");
        }

        if (!MayOpen(node, now)) return new(SessionVerdict.Busy, null, $"node {node} opens sessions too often; try again in {options.OpeningWindow.TotalSeconds:0} s");

        TimeSpan period = Jittered();
        Session session = new()
        {
            Id = new(ids.Next()),
            Epoch = Math.Max((ulong)now.Ticks, (older?.Epoch ?? 0) + 1),
            Period = period,
            Patience = period,
            Heard = now,
        };
        if (older is not null) _deadlines.Remove((Deadline(older), node));
        _sessions[node] = session;
        _deadlines.Add((Deadline(session), node));
        return new(SessionVerdict.Granted, new(session.Id, session.Epoch, session.Period, older?.Id), "");
    }

    /// <summary>Any message is a sign of life. False: the session is over, and its stream has to be closed.</summary>
    public bool Heartbeat(NodeId node, SessionId id, ClusterTime now)
    {
        if (!_sessions.TryGetValue(node, out Session? session) || session.Id != id) return false;
        _deadlines.Remove((Deadline(session), node));
        session.Heard = now;
        session.Patience = session.Period;
        _deadlines.Add((Deadline(session), node));
        return true;
    }

    /// <summary>The sessions go on in another period, which their agents have to be told; until the next sign of life the longer of the two counts.</summary>
    public IReadOnlyList<SessionReport> ChangePeriod(TimeSpan heartbeatPeriod, ClusterTime now)
    {
        HeartbeatPeriod = heartbeatPeriod;
        foreach ((NodeId node, Session session) in _sessions)
        {
            _deadlines.Remove((Deadline(session), node));
            session.Period = Jittered();
            session.Patience = session.Patience > session.Period ? session.Patience : session.Period;
            _deadlines.Add((Deadline(session), node));
        }

        return [.. _sessions.Select(s => Report(s.Key, s.Value, now) with { HeartbeatPeriod = s.Value.Period })];
    }

    /// <summary>The stream ended. An older session's end does not concern its successor.</summary>
    public bool Close(NodeId node, SessionId id)
    {
        if (!_sessions.TryGetValue(node, out Session? session) || session.Id != id) return false;
        Remove(node, session);
        return true;
    }

    /// <summary>Ends and names the sessions without a sign of life.</summary>
    public IReadOnlyList<SessionReport> Expire(ClusterTime now)
    {
        List<SessionReport> expired = [];
        while (_deadlines.Count > 0 && _deadlines.Min.At <= now)
        {
            NodeId node = _deadlines.Min.Node;
            Session session = _sessions[node];
            expired.Add(Report(node, session, now));
            Remove(node, session);
        }

        return expired;
    }

    /// <summary>Ends all: this manager has lost contact with the leader.</summary>
    public IReadOnlyList<SessionReport> CloseAll(ClusterTime now)
    {
        IReadOnlyList<SessionReport> all = Sessions(now);
        _sessions.Clear();
        _deadlines.Clear();
        _openings.Clear();
        return all;
    }

    /// <summary>By node id.</summary>
    public IReadOnlyList<SessionReport> Sessions(ClusterTime now) => [.. _sessions.Select(s => Report(s.Key, s.Value, now))];

    private TimeSpan Jittered() => HeartbeatPeriod * (1 + (options.Jitter * ((2 * random.NextDouble()) - 1)));

    private bool MayOpen(NodeId node, ClusterTime now)
    {
        // Forgets nodes that were not heard of for long, so that the table stays small.
        if (_openings.Count > 2 * options.MaxSessions) _openings.Clear();
        if (!_openings.TryGetValue(node, out Queue<ClusterTime>? times)) _openings[node] = times = new();
        while (times.TryPeek(out ClusterTime first) && now - first >= options.OpeningWindow) times.Dequeue();
        if (times.Count >= options.MaxOpenings) return false;
        times.Enqueue(now);
        return true;
    }

    private void Remove(NodeId node, Session session)
    {
        _deadlines.Remove((Deadline(session), node));
        _sessions.Remove(node);
    }

    private ClusterTime Deadline(Session session) => session.Heard + (session.Patience * options.MissedPeriods);

    private static SessionReport Report(NodeId node, Session session, ClusterTime now) => new(node, session.Id, session.Epoch, session.Patience, now - session.Heard);

    private sealed class Session
    {
        public required SessionId Id { get; init; }

        public required ulong Epoch { get; init; }

        public required TimeSpan Period { get; set; }

        /// <summary>The period by which silence is judged.</summary>
        public required TimeSpan Patience { get; set; }

        public ClusterTime Heard { get; set; }
    }
}
