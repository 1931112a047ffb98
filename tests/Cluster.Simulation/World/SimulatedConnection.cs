namespace Cluster.Simulation.World;

/// <summary>
/// An agent's stream to a manager. Either side may end it; the other side hears of that when the way is open, and until then believes in it.
/// </summary>
internal sealed class SimulatedConnection
{
    private static readonly object End = new();
    private readonly OrderedPipe _toManager;
    private readonly OrderedPipe _toAgent;
    private bool _agentHasEnded;
    private bool _managerHasEnded;

    public SimulatedConnection(SimulationWorld world, Endpoint agent, Endpoint manager)
    {
        (Agent, Manager) = (agent, manager);
        _toManager = new OrderedPipe(world, agent, manager, ArriveAtManager);
        _toAgent = new OrderedPipe(world, manager, agent, ArriveAtAgent);
    }

    public Endpoint Agent { get; }

    public Endpoint Manager { get; }

    public Action<object> OnManagerMessage { get; set; } = _ => { };

    public Action OnManagerEnd { get; set; } = () => { };

    public Action<object> OnAgentMessage { get; set; } = _ => { };

    public Action OnAgentEnd { get; set; } = () => { };

    public bool IsOpenAtManager => !_managerHasEnded;

    public void SayToManager(object message)
    {
        if (!_agentHasEnded) _toManager.Send(message);
    }

    public void SayToAgent(object message)
    {
        if (!_managerHasEnded) _toAgent.Send(message);
    }

    /// <summary>By the agent, or by its death.</summary>
    public void EndByAgent()
    {
        if (_agentHasEnded) return;
        _agentHasEnded = true;
        _toManager.Send(End);
    }

    public void EndByManager()
    {
        if (_managerHasEnded) return;
        _managerHasEnded = true;
        _toAgent.Send(End);
    }

    /// <summary>The connection breaks in between: both hear of it at once.</summary>
    public void Reset()
    {
        ArriveAtManager(End);
        ArriveAtAgent(End);
    }

    private void ArriveAtManager(object message)
    {
        if (_managerHasEnded) return;
        if (!ReferenceEquals(message, End))
        {
            OnManagerMessage(message);
            return;
        }

        _managerHasEnded = true;
        OnManagerEnd();
    }

    private void ArriveAtAgent(object message)
    {
        if (_agentHasEnded) return;
        if (!ReferenceEquals(message, End))
        {
            OnAgentMessage(message);
            return;
        }

        _agentHasEnded = true;
        OnAgentEnd();
    }
}
