using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.Time;

namespace Cluster.Model.Objects;

/// <summary>
/// When the tasks of a slot were restarted, newest last: what the restart policy counts. A row, so that a new leader goes on
/// counting. For global services the slot is the node.
/// </summary>
public sealed record RestartHistory(SlotKey Key, ValueList<ClusterTime> Attempts);

public readonly record struct SlotKey(ServiceId ServiceId, int Slot, NodeId NodeId) : IComparable<SlotKey>
{
    public int CompareTo(SlotKey other)
    {
        int order = ServiceId.CompareTo(other.ServiceId);
        if (order == 0) order = Slot.CompareTo(other.Slot);
        return order == 0 ? NodeId.CompareTo(other.NodeId) : order;
    }
}
