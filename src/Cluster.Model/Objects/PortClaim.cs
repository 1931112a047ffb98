using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Model.Objects;

/// <summary>
/// A node's port that belongs to one task: the row is the allocation, so a port cannot be given twice. Removed in the transaction
/// that records that the task has ended or is deleted.
/// </summary>
public sealed record PortClaim(PortClaimKey Key, TaskId TaskId);

public readonly record struct PortClaimKey(NodeId NodeId, PortProtocol Protocol, int Port) : IComparable<PortClaimKey>
{
    public int CompareTo(PortClaimKey other)
    {
        int order = NodeId.CompareTo(other.NodeId);
        if (order == 0) order = Protocol.CompareTo(other.Protocol);
        return order == 0 ? Port.CompareTo(other.Port) : order;
    }
}
