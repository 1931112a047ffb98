using System.Globalization;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Model.Naming;

/// <summary>Names of tasks: <c>service.slot.id</c>, for global services <c>service.node.id</c>, as in Swarm.</summary>
public static class TaskName
{
    public static string Of(string serviceName, TaskRecord task) => Of(serviceName, task.Slot, task.NodeId, task.Id);

    public static string Of(string serviceName, int slot, NodeId nodeId, TaskId taskId) => $"{Short(serviceName, slot, nodeId)}.{taskId}";

    /// <summary>Without the id: what the attempts of one slot have in common.</summary>
    public static string Short(string serviceName, int slot, NodeId nodeId) =>
        $"{serviceName}.{(slot > 0 ? slot.ToString(CultureInfo.InvariantCulture) : nodeId.ToString())}";
}
