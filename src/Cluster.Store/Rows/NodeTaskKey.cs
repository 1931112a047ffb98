using Cluster.Model.Ids;

namespace Cluster.Store.Rows;

/// <summary>Orders tasks by node and id.</summary>
internal readonly record struct NodeTaskKey(NodeId NodeId, TaskId TaskId) : IComparable<NodeTaskKey>
{
    public int CompareTo(NodeTaskKey other)
    {
        int order = NodeId.CompareTo(other.NodeId);
        return order == 0 ? TaskId.CompareTo(other.TaskId) : order;
    }
}
