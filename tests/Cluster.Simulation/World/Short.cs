using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Simulation.World;

/// <summary>Names for the trace that a person can keep apart.</summary>
internal static class Short
{
    public static string Of(NodeId id) => id.IsNone ? "-" : Tail(id.ToString());

    public static string Of(TaskId id) => Tail(id.ToString());

    public static string Of(StoreView view, TaskRecord task) =>
        $"{view.GetService(task.ServiceId)?.Spec.Name ?? Tail(task.ServiceId.ToString())}.{task.Slot}.{Of(task.Id)}";

    private static string Tail(string id) => id[^6..];
}
