using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Agent.Tasks;

/// <summary>A <see cref="ContainerPlan"/> that still lacks its network. Placeholders are expanded.</summary>
public sealed record TaskPlan(
    TaskId TaskId, ServiceId ServiceId, string TaskName, ContainerSpec Container, ResourceRequirements Resources, LogDriver? LogDriver)
{
    public ContainerPlan In(NetworkSandbox network) => new()
    {
        TaskId = TaskId,
        ServiceId = ServiceId,
        TaskName = TaskName,
        Container = Container,
        Resources = Resources,
        LogDriver = LogDriver,
        Network = network,
    };
}
