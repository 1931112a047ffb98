using Cluster.Model.Ids;

namespace Cluster.Agent.Tasks;

public sealed record AgentCoreOptions
{
    public required NodeId NodeId { get; init; }

    /// <summary>For placeholders, as the other three.</summary>
    public string Hostname { get; init; } = "";

    public string Os { get; init; } = "linux";

    public string Architecture { get; init; } = "";

    /// <summary>Most preparations and starts at once over all tasks, and most removals; about twice the cores adds no more throughput.</summary>
    public int ParallelStarts { get; init; } = 4;
}
