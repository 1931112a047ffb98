using Cluster.Model.Ids;

namespace Cluster.Simulation.Managers;

/// <summary>What the manager that leads says to another one. Not done: it was refused for good.</summary>
/// <param name="Version">The state that the answer rests on.</param>
/// <param name="Ended">Nodes whose sessions have to end.</param>
internal sealed record LeaderAnswer(bool IsDone, ulong Version, IReadOnlyList<NodeId> Ended)
{
    public static readonly LeaderAnswer Refused = new(false, 0, []);
}
