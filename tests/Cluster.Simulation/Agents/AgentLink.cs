using Cluster.Agent.Sessions;
using Cluster.Agent.Tasks;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.Managers;
using Cluster.Simulation.World;

namespace Cluster.Simulation.Agents;

/// <summary>
/// The twin of the agent's dispatcher client and session pump: always tries to have one session, with whichever manager serves it.
/// </summary>
internal sealed class AgentLink(SimulationWorld world, AgentNode node)
{
    private static readonly TimeSpan WelcomePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortSession = TimeSpan.FromSeconds(8);
    private readonly ManagerChoice _choice = new(world.Managers.Length, new Random(world.Random.Next()));
    private SimulatedConnection? _connection;
    private long _attempt;
    private long _session;
    private long _lastSession;
    private TimeSpan _openedAt;
    private Endpoint? _served;
    private (ulong Incarnation, ulong Version) _position;

    public bool HasSession => _session != 0;

    /// <summary>The agent has started: begins to call.</summary>
    public void Start() => CallAfter(TimeSpan.Zero);

    /// <summary>The agent is gone, and its connections with it.</summary>
    public void Stop()
    {
        _attempt++;
        _session = 0;
        _connection?.EndByAgent();
        _connection = null;
    }

    public void Reset() => _connection?.Reset();

    public void Say(long session, AgentMessage message)
    {
        if (session == _session) _connection?.SayToManager(message);
    }

    /// <summary>The agent wants another session.</summary>
    public void Close(long session)
    {
        if (session != _session) return;
        world.Counts.Add("session: given up by agent");
        _connection?.EndByAgent();
        Lost(_attempt);
    }

    private void CallAfter(TimeSpan delay)
    {
        long attempt = ++_attempt;
        world.Queue.Schedule(delay, () =>
        {
            if (attempt == _attempt && node.IsRunning) Call(attempt);
        });
    }

    private void Call(long attempt)
    {
        ManagerMachine manager = world.Managers[_choice.Current];
        SessionHello hello = node.Hello();
        _position = (hello.Incarnation, hello.Version);
        SimulatedConnection connection = _connection = new SimulatedConnection(world, node.Endpoint, manager.Endpoint);
        connection.OnAgentMessage = message => Hear(attempt, message);
        connection.OnAgentEnd = () => Lost(attempt);
        connection.OnManagerMessage = message =>
        {
            // Nobody listens there: the machine itself says so.
            if (manager.Process is { } process) process.Sessions.Accept(connection, node.Id, (SessionHello)message);
            else connection.EndByManager();
        };
        connection.SayToManager(hello);
        world.Queue.Schedule(WelcomePatience, () =>
        {
            if (attempt != _attempt || HasSession) return;
            connection.EndByAgent();
            Lost(attempt);
        });
    }

    private void Hear(long attempt, object message)
    {
        if (attempt != _attempt) return;
        switch (message)
        {
            case SessionWelcome welcome:
                _session = ++_lastSession;
                _openedAt = world.Queue.Elapsed;
                world.Trace.Line(node.Name, $"has a session with {_connection?.Manager}");
                if (_served is { } before && before != _connection?.Manager) world.Counts.Add("session: moved");
                _served = _connection?.Manager;
                node.Give(new AgentEvent.SessionOpened(_session, welcome));
                break;
            case SessionRefusal refusal:
                if (refusal.IsFinal) Refused();
                break;
            case ManagerMessage said:
                if (said is ManagerMessage.Assignments assignments) CheckPosition(assignments);
                node.Give(new AgentEvent.Received(_session, said));
                break;
        }
    }

    /// <summary>A manager that lags does not know a new node yet; its operator asks another one before he does anything about it.</summary>
    private void Refused()
    {
        if (world.History.Head.GetNode(node.Id) is null) node.Refused();
        else world.Counts.Add("session: unknown to a manager that lags");
    }

    /// <summary>Nobody tells an agent less than it knows.</summary>
    private void CheckPosition(ManagerMessage.Assignments assignments)
    {
        (ulong, ulong) position = (assignments.Incarnation, assignments.Version);
        BreachException.Require(position.CompareTo(_position) >= 0, Breach.ServedBehind, $"{node.Name} knows {_position} and is told of {position} by {_connection?.Manager}");
        _position = position;
    }

    private void Lost(long attempt)
    {
        if (attempt != _attempt) return;
        _connection = null;
        world.Trace.Line(node.Name, HasSession ? "has lost its session" : "got no session");
        long session = _session;
        _session = 0;
        if (session != 0 && world.Queue.Elapsed - _openedAt >= ShortSession) _choice.Succeeded();
        CallAfter(_choice.Failed());

        // Posted, as in production: the agent may be in the middle of an event.
        if (session != 0) world.Queue.Schedule(TimeSpan.Zero, () => node.Give(new AgentEvent.SessionClosed(session)));
    }
}
