using Cluster.Model.States;

namespace Cluster.Model.Specs;

/// <summary>What a user wants of a node.</summary>
public sealed record NodeSpec
{
    public Labels Labels { get; init; } = Labels.Empty;

    public NodeRole Role { get; init; } = NodeRole.Worker;

    public NodeAvailability Availability { get; init; } = NodeAvailability.Active;
}
