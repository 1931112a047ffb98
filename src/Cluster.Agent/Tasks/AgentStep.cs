using Cluster.Agent.State;

namespace Cluster.Agent.Tasks;

/// <summary>
/// What came of one event. <paramref name="Changes"/> must be durable before any of the <paramref name="Effects"/> is carried out:
/// what a manager is told must survive a crash of this machine.
/// </summary>
public sealed record AgentStep(IReadOnlyList<AgentStateChange> Changes, IReadOnlyList<AgentEffect> Effects);
