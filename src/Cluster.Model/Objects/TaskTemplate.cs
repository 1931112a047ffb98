using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Model.Objects;

/// <summary>
/// All that makes a new container necessary when it changes, stored once and referred to by every task made from it. The id is the
/// hash of the rest, so that equal templates are one row; it goes with the last service or task that refers to it.
/// </summary>
public sealed record TaskTemplate
{
    public required TemplateId Id { get; init; }

    public ObjectMeta Meta { get; init; }

    public required ContainerSpec Container { get; init; }

    public ResourceRequirements Resources { get; init; } = new();

    public NetworkMode Network { get; init; } = NetworkMode.Bridge;

    public ValueList<PortSpec> Ports { get; init; } = [];

    public LogDriver? LogDriver { get; init; }

    public long ForceUpdate { get; init; }
}
