using System.Runtime.InteropServices;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Store.Rows;

/// <summary>Orders tasks by observed state and id.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct StateTaskKey(TaskState State, TaskId TaskId) : IComparable<StateTaskKey>
{
    public int CompareTo(StateTaskKey other)
    {
        int order = ((int)State).CompareTo((int)other.State);
        return order == 0 ? TaskId.CompareTo(other.TaskId) : order;
    }
}
