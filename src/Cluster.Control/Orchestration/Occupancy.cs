using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Control.Orchestration;

/// <summary>What a task's two states mean for its slot.</summary>
internal static class Occupancy
{
    /// <summary>The slot's present task: meant to run now or after a delay. At most one in a slot.</summary>
    public static bool IsCurrent(this TaskRecord task) => task.DesiredState <= TaskState.Running;

    /// <summary>May have, or get, a container.</summary>
    public static bool IsLive(this TaskRecord task) => !task.Status.State.IsTerminal();

    /// <summary>Has a place on a node that it has not given back.</summary>
    public static bool HoldsNode(this TaskRecord task) => !task.NodeId.IsNone && task.IsLive();

    /// <summary>
    /// Counts for its slot: a slot is taken as long as it has such a task, be it only the memory of one that ended and is not
    /// restarted. Scaling down makes all tasks of the slot Remove, and so frees it.
    /// </summary>
    public static bool TakesSlot(this TaskRecord task) => task.DesiredState < TaskState.Remove;
}
