using Cluster.Model.States;

namespace Cluster.Model.Specs;

/// <summary>What a user wants of a service.</summary>
public sealed record ServiceSpec
{
    /// <summary>A DNS label of up to 63 characters; unique.</summary>
    public required string Name { get; init; }

    public Labels Labels { get; init; } = Labels.Empty;

    public ServiceMode Mode { get; init; } = ServiceMode.Replicated;

    public int Replicas { get; init; } = 1;

    public required ContainerSpec Container { get; init; }

    public ResourceRequirements Resources { get; init; } = new();

    public RestartPolicy Restart { get; init; } = new();

    public Placement Placement { get; init; } = new();

    public NetworkMode Network { get; init; } = NetworkMode.Bridge;

    public ValueList<PortSpec> Ports { get; init; } = [];

    public LogDriver? LogDriver { get; init; }

    /// <summary>Raised to replace all tasks without another change.</summary>
    public long ForceUpdate { get; init; }
}
