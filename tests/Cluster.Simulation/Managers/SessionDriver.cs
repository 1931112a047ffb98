using Cluster.Agent.Sessions;
using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.World;
using Cluster.Store;
using TaskStatusUpdate = Cluster.Control.Dispatch.TaskStatusUpdate;

namespace Cluster.Simulation.Managers;

/// <summary>
/// The twin of the manager's session keeper and dispatcher service, on every manager, whether it leads or not: who is connected, what each
/// agent is told, and what the leader is told of them. On the control driver's turns, except for messages that arrive.
/// </summary>
internal sealed class SessionDriver(SimulationWorld world, ManagerProcess process)
{
    /// <summary>As in the manager role.</summary>
    private static readonly TimeSpan PatienceWithoutLeader = TimeSpan.FromSeconds(3);

    private readonly SortedDictionary<NodeId, ManagerSession> _sessions = [];
    private readonly HashSet<SimulatedConnection> _connections = [];
    private readonly List<(ulong Version, Action Begin)> _waiting = [];
    private readonly Random _random = new(world.Random.Next());
    private SessionRegistry? _registry;
    private TimeSpan _leaderSeenAt;

    private ControlDriver Control => process.Control;

    public void Die()
    {
        foreach (SimulatedConnection connection in _connections.OrderBy(c => c.Agent.Number)) connection.EndByManager();
        _connections.Clear();
    }

    public bool Serves(NodeId node) => _sessions.ContainsKey(node);

    /// <summary>An agent calls. The node is the certificate's.</summary>
    public void Accept(SimulatedConnection connection, NodeId node, SessionHello hello)
    {
        _connections.Add(connection);
        ManagerSession? session = null;
        connection.OnManagerEnd = () =>
        {
            _connections.Remove(connection);
            if (session is not null) End(session);
        };
        Control.Post(() => session = Open(connection, node, hello));
    }

    /// <summary>Ends what is silent, or all when there was no leader for too long.</summary>
    public void Tick()
    {
        TimeSpan now = process.Machine.Clock.Monotonic;
        if (!Control.Leader.IsNone) _leaderSeenAt = now;
        if (_registry is null) return;
        FollowPeriod(_registry);
        foreach (SessionReport silent in _registry.Expire(Control.Now))
        {
            world.Counts.Add("session: expired");
            EndOf(silent.NodeId);
        }

        if (now - _leaderSeenAt < PatienceWithoutLeader) return;
        _registry = null;
        foreach (ManagerSession session in _sessions.Values.ToArray())
        {
            world.Counts.Add("session: ended without a leader");
            End(session);
        }
    }

    /// <summary>Once a second: who was heard of.</summary>
    public void Report()
    {
        if (_registry is null || _registry.Count == 0) return;
        IReadOnlyList<SessionReport> sessions = _registry.Sessions(Control.Now);
        process.Leader.Call((leader, reply) => leader.Liveness.TakeReport(sessions, reply), answer =>
        {
            foreach (NodeId node in answer?.Ended ?? []) EndOf(node);
        });
    }

    public void Committed(StoreSnapshot committed, IReadOnlyList<Change> changes)
    {
        foreach (NodeId node in NodeAssignments.NodesOf(committed, changes))
        {
            if (_sessions.TryGetValue(node, out ManagerSession? session)) MarkDirty(session);
        }

        foreach (Change change in changes)
        {
            if (change is { IsDeletion: true, Before: NodeRecord removed }) EndOf(removed.Id);
        }
    }

    /// <summary>The state is another one: each session looks at all that its node should hold.</summary>
    public void Restored(StoreSnapshot state)
    {
        foreach (ManagerSession session in _sessions.Values.ToArray())
        {
            if (state.GetNode(session.NodeId) is null) End(session);
            else MarkDirty(session);
        }
    }

    /// <summary>What was committed can be seen here: sessions that waited for it begin.</summary>
    public void Published(ulong version)
    {
        if (_waiting.Count == 0) return;
        (ulong Version, Action Begin)[] ready = [.. _waiting.Where(w => w.Version <= version)];
        _waiting.RemoveAll(w => w.Version <= version);
        foreach ((_, Action begin) in ready) begin();
    }

    private ManagerSession? Open(SimulatedConnection connection, NodeId node, SessionHello hello)
    {
        StoreSnapshot committed = Control.Published;
        if (committed.Cluster is not { } cluster || Control.Leader.IsNone) return Refuse(connection, isFinal: false, "this manager has no contact to a leader at the moment");
        if (committed.GetNode(node) is null) return Refuse(connection, isFinal: true, "the node was removed");
        _registry ??= new SessionRegistry(new SessionOptions { HeartbeatPeriod = cluster.Spec.HeartbeatPeriod }, world.Ids, _random);
        SessionAnswer answer = _registry.Open(node, new AgentPosition(hello.Incarnation, hello.Version), new AgentPosition(committed.Incarnation, committed.Version), Control.Now);
        bool isBehind = (committed.Incarnation, committed.Version).CompareTo((hello.Incarnation, hello.Version)) < 0;
        BreachException.Require(!isBehind || answer.Grant is null, Breach.ServedBehind, $"{process.Name} is at v{committed.Version} and serves {connection.Agent}, which has seen v{hello.Version}");
        world.Counts.Add($"session: {answer.Verdict}");
        if (answer.Grant is not { } grant) return Refuse(connection, isFinal: false, answer.Message);

        ManagerSession session = new(node, grant, connection);
        process.Leader.Call(
            (leader, reply) => leader.Liveness.MarkReady(node, grant, hello.Description, connection.Agent.ToString(), reply),
            answer =>
            {
                if (answer is { IsDone: true }) _waiting.Add((answer.Version, () => Begin(session, hello)));
                else End(session);
                Published(Control.Published.Version);
            });
        return session;
    }

    /// <summary>Open sessions are told of another heartbeat period.</summary>
    private void FollowPeriod(SessionRegistry registry)
    {
        if (Control.Published.Cluster is not { } cluster || cluster.Spec.HeartbeatPeriod == registry.HeartbeatPeriod) return;
        foreach (SessionReport report in registry.ChangePeriod(cluster.Spec.HeartbeatPeriod, Control.Now))
        {
            if (!_sessions.TryGetValue(report.NodeId, out ManagerSession? session)) continue;
            world.Counts.Add("session: another heartbeat period");
            session.Connection.SayToAgent(new ManagerMessage.HeartbeatAcknowledgement(report.HeartbeatPeriod));
        }
    }

    private ManagerSession? Refuse(SimulatedConnection connection, bool isFinal, string reason)
    {
        connection.SayToAgent(new SessionRefusal(isFinal, reason));
        connection.EndByManager();
        _connections.Remove(connection);
        return null;
    }

    private void Begin(ManagerSession session, SessionHello hello)
    {
        if (session.HasEnded) return;
        StoreSnapshot committed = Control.Published;
        if (committed.GetNode(session.NodeId) is null)
        {
            // The manager's standing keeper judges calls again that have begun.
            session.Connection.SayToAgent(new SessionRefusal(true, "the node was removed"));
            End(session);
            return;
        }

        if (_sessions.TryGetValue(session.NodeId, out ManagerSession? older)) End(older);
        _sessions[session.NodeId] = session;
        world.Counts.Add(Control.IsLeading ? "session: on the leader" : "session: on a follower");
        session.Connection.OnManagerMessage = message => Hear(session, (AgentMessage)message);
        session.Connection.SayToAgent(new SessionWelcome(session.Grant.Id.ToString(), session.Grant.HeartbeatPeriod, committed.Incarnation, world.ManagerAddresses));
        AssignmentSet current = NodeAssignments.Build(committed, session.NodeId);
        if (hello.Digest.AsSpan().SequenceEqual(current.Digest.AsSpan()))
        {
            session.Assume(current.Items.Select(item => (item.TaskId, item.Digest)));
            session.Connection.SayToAgent(session.BringTo(current, complete: false));
            world.Counts.Add("session: resumed");
        }
        else if (hello.Digest.IsEmpty)
        {
            session.Connection.SayToAgent(session.BringTo(current, complete: true));
            world.Counts.Add("session: begun with everything");
        }
        else
        {
            session.Connection.SayToAgent(ManagerMessage.InventoryRequest.Instance);
            session.IsDirty = true;
            world.Counts.Add("session: begun with an inventory");
        }
    }

    private void MarkDirty(ManagerSession session)
    {
        session.IsDirty = true;
        if (session.IsWritePlanned) return;
        session.IsWritePlanned = true;
        process.HandOver(() =>
        {
            session.IsWritePlanned = false;
            if (session.HasEnded || !session.IsDirty || !session.KnowsWhatIsHeld) return;
            session.IsDirty = false;
            session.Connection.SayToAgent(session.BringTo(NodeAssignments.Build(Control.Published, session.NodeId), complete: false));
        });
    }

    private void Hear(ManagerSession session, AgentMessage message)
    {
        if (!process.IsAlive || session.HasEnded) return;
        session.Incoming.Enqueue(message);
        ReadNext(session);
    }

    private void ReadNext(ManagerSession session)
    {
        if (session.IsReading || session.HasEnded || !session.Incoming.TryDequeue(out AgentMessage? message)) return;
        session.IsReading = true;
        Control.Post(() => Read(session, message));
    }

    private void Read(ManagerSession session, AgentMessage message)
    {
        if (session.HasEnded) return;
        if (_registry is null || !_registry.Heartbeat(session.NodeId, session.Grant.Id, Control.Now))
        {
            End(session);
            return;
        }

        switch (message)
        {
            case AgentMessage.Heartbeat:
                session.Connection.SayToAgent(ManagerMessage.HeartbeatAcknowledgement.Instance);
                break;
            case AgentMessage.Inventory inventory:
                session.Assume(inventory.Items.Select(item => (item.TaskId, item.Digest)));
                MarkDirty(session);
                break;
            case AgentMessage.Statuses statuses:
                TakeStatuses(session, statuses);
                return;
        }

        HaveRead(session);
    }

    private void HaveRead(ManagerSession session)
    {
        session.IsReading = false;
        ReadNext(session);
    }

    /// <summary>Acknowledged when committed, and not before.</summary>
    private void TakeStatuses(ManagerSession session, AgentMessage.Statuses statuses)
    {
        TaskStatusUpdate[] updates = [.. statuses.Updates.Select(u => new TaskStatusUpdate(u.TaskId, u.Status))];
        process.Leader.Call(
            (leader, reply) => leader.Liveness.TakeStatuses(session.Connection.Agent, session.NodeId, updates, reply),
            answer =>
            {
                if (session.HasEnded) return;
                if (answer is not { IsDone: true })
                {
                    End(session);
                    return;
                }

                session.Connection.SayToAgent(new ManagerMessage.StatusAcknowledgement(statuses.Sequence));
                HaveRead(session);
            });
    }

    private void EndOf(NodeId node)
    {
        if (_sessions.TryGetValue(node, out ManagerSession? session)) End(session);
    }

    private void End(ManagerSession session)
    {
        if (session.HasEnded) return;
        session.HasEnded = true;
        session.Connection.EndByManager();
        _connections.Remove(session.Connection);
        if (_sessions.TryGetValue(session.NodeId, out ManagerSession? present) && present == session) _sessions.Remove(session.NodeId);
        Control.Post(() => _registry?.Close(session.NodeId, session.Grant.Id));
    }
}
