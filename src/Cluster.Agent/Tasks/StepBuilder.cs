using Cluster.Agent.State;

namespace Cluster.Agent.Tasks;

/// <summary>Collects what comes of the event in hand.</summary>
internal sealed class StepBuilder
{
    private readonly List<AgentStateChange> _changes = [];
    private readonly List<AgentEffect> _effects = [];

    public void Persist(AgentStateChange change) => _changes.Add(change);

    public void Do(AgentEffect effect) => _effects.Add(effect);

    public AgentStep Take()
    {
        AgentStep step = new([.. _changes], [.. _effects]);
        _changes.Clear();
        _effects.Clear();
        return step;
    }
}
