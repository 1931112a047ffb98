using Cluster.Agent.Sessions;
using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Sequencing;
using TaskStatusUpdate = Cluster.Control.Dispatch.TaskStatusUpdate;

namespace Cluster.Simulation.Managers;

/// <summary>
/// The twin of the manager's session keeper and dispatcher service: who is connected and alive, and what each agent is told. On the
/// control driver's turns, except for messages that arrive.
/// </summary>
internal sealed class SessionDriver(SimulationWorld world, ManagerProcess process)
{
    private readonly SortedDictionary<NodeId, ManagerSession> _sessions = [];
    private readonly HashSet<SimulatedConnection> _connections = [];
    private readonly Random _random = new(world.Random.Next());
    private SessionRegistry? _registry;
    private NodeLiveness? _liveness;

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

    public void Tick()
    {
        if (_registry is null || _liveness is null) return;
        foreach (SessionReport silent in _registry.Expire(Control.Now))
        {
            world.Counts.Add("session: expired");
            if (_sessions.TryGetValue(silent.NodeId, out ManagerSession? session)) End(session);
        }

        foreach (NodeId node in _liveness.Expired(Control.Now))
        {
            world.Counts.Add("session: node marked down");
            Control.Submit("liveness", tx => NodeStatusUpdates.MarkDown(tx, node, "heartbeat failure"));
        }
    }

    public void LeadershipChanged(bool leads)
    {
        if (!leads)
        {
            (_registry, _liveness) = (null, null);
            foreach (ManagerSession session in _sessions.Values.ToArray()) End(session);
            return;
        }

        StoreSnapshot committed = Control.Replica.Committed;
        TimeSpan period = (committed.Cluster?.Spec ?? new ClusterSpec()).HeartbeatPeriod;
        _registry = new SessionRegistry(new SessionOptions { HeartbeatPeriod = period }, world.Ids, _random);
        _liveness = new NodeLiveness(period);
        _liveness.Begin(committed, Control.Now);
    }

    public void Committed(StoreSnapshot committed, IReadOnlyList<Change> changes)
    {
        foreach (NodeId node in NodeAssignments.NodesOf(committed, changes))
        {
            if (_sessions.TryGetValue(node, out ManagerSession? session)) MarkDirty(session);
        }

        foreach (Change change in changes)
        {
            if (change is { IsDeletion: true, Before: NodeRecord removed } && _sessions.TryGetValue(removed.Id, out ManagerSession? session)) End(session);
            _liveness?.Note(change, Control.Now);
        }
    }

    private ManagerSession? Open(SimulatedConnection connection, NodeId node, SessionHello hello)
    {
        StoreSnapshot committed = Control.Published;
        if (_registry is null || _liveness is null) return Refuse(connection, isFinal: false, "this manager does not lead at the moment");
        if (committed.GetNode(node) is null) return Refuse(connection, isFinal: true, "the node was removed");
        SessionAnswer answer = _registry.Open(node, new AgentPosition(hello.Incarnation, hello.Version), new AgentPosition(committed.Incarnation, committed.Version), Control.Now);
        world.Counts.Add($"session: {answer.Verdict}");
        if (answer.Grant is not { } grant) return Refuse(connection, isFinal: false, answer.Message);

        _liveness.Heard(node, grant.Epoch, grant.HeartbeatPeriod, Control.Now);
        ManagerSession session = new(node, grant, connection);
        Control.Submit<NodeRecord>(
            $"node:{node}",
            tx => NodeStatusUpdates.MarkReady(tx, node, hello.Description, connection.Agent.ToString()),
            (outcome, _) =>
            {
                if (session.HasEnded) return;
                if (outcome.Status == SubmitStatus.Committed) Begin(session, hello);
                else End(session);
            });
        return session;
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
        if (_sessions.TryGetValue(session.NodeId, out ManagerSession? older)) End(older);
        _sessions[session.NodeId] = session;
        session.Connection.OnManagerMessage = message => Hear(session, (AgentMessage)message);
        StoreSnapshot committed = Control.Published;
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
        bool isOver = _registry is null || _liveness is null || !_registry.Heartbeat(session.NodeId, session.Grant.Id, Control.Now);
        if (isOver || _liveness!.Heard(session.NodeId, session.Grant.Epoch, session.Grant.HeartbeatPeriod, Control.Now))
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

    private void TakeStatuses(ManagerSession session, AgentMessage.Statuses statuses)
    {
        TaskStatusUpdate[] updates = [.. statuses.Updates.Select(u => new TaskStatusUpdate(u.TaskId, u.Status))];
        Control.Submit<StatusUpdateResult>(
            $"node:{session.NodeId}",
            tx => StatusUpdates.Apply(tx, session.NodeId, updates),
            (outcome, result) =>
            {
                if (session.HasEnded) return;
                if (outcome.Status != SubmitStatus.Committed)
                {
                    End(session);
                    return;
                }

                Invariants.BreachException.Require(result.Refused == 0, Invariants.Breach.Product, $"{session.Connection.Agent} reported of tasks that are not its own");
                session.Connection.SayToAgent(new ManagerMessage.StatusAcknowledgement(statuses.Sequence));
                HaveRead(session);
            });
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
