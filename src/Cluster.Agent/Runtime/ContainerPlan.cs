using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Agent.Runtime;

/// <summary>A container to be made: placeholders are expanded, the network is attached.</summary>
public sealed record ContainerPlan
{
    public required TaskId TaskId { get; init; }

    public required ServiceId ServiceId { get; init; }

    /// <summary><c>service.slot.taskid</c>.</summary>
    public required string TaskName { get; init; }

    public required ContainerSpec Container { get; init; }

    public ResourceRequirements Resources { get; init; } = new();

    public LogDriver? LogDriver { get; init; }

    public required Networking.NetworkSandbox Network { get; init; }
}
