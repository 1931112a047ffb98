using System.Runtime.InteropServices;
using Cluster.Model.Ids;

namespace Cluster.Store.Rows;

/// <summary>Orders tasks by service, slot and id.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct ServiceTaskKey(ServiceId ServiceId, TaskId TaskId, int Slot) : IComparable<ServiceTaskKey>
{
    public int CompareTo(ServiceTaskKey other)
    {
        int order = ServiceId.CompareTo(other.ServiceId);
        if (order == 0) order = Slot.CompareTo(other.Slot);
        return order == 0 ? TaskId.CompareTo(other.TaskId) : order;
    }
}
