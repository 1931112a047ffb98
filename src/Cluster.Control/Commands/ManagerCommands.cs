using System.Globalization;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>What managers write about themselves: who they are in the Raft group, and where the others reach them.</summary>
public static class ManagerCommands
{
    private const int MaxAddressLength = 256;

    /// <summary>
    /// A manager's node says which member it is and where it is reached: a new one becomes a learner by this, a known one that comes back
    /// with another address is found again. Repeating it changes nothing.
    /// </summary>
    /// <param name="transaction">Where it is written.</param>
    /// <param name="id">The manager's node.</param>
    /// <param name="incarnation">Of the cluster, as the manager knows it: a member of another history's group is none of this one's.</param>
    /// <param name="info">What it says.</param>
    public static Result<NodeRecord> Announce(WorkingTransaction transaction, NodeId id, ulong incarnation, ManagerInfo info)
    {
        if (incarnation != transaction.Incarnation)
            return Refusal.FailedPrecondition($"incarnation: this manager is of incarnation {incarnation} of the cluster, which is in incarnation {transaction.Incarnation}: it becomes another member");
        if (info.RaftMemberId == 0) return Refusal.Invalid("raft_member_id: 0 is no member");
        if (!IsHostAndPort(info.Address)) return Refusal.Invalid($"address: '{info.Address}' is not host:port");
        if (transaction.GetNode(id) is not { } node) return Lookup.NotFound("node", id.ToString());
        if (node.Spec.Role != NodeRole.Manager) return Refusal.FailedPrecondition($"node {id} is to be a worker, not a manager: 'cluster node promote {id}' on a manager first");
        foreach (NodeRecord other in transaction.Nodes)
        {
            if (other.Id != id && other.Manager?.RaftMemberId == info.RaftMemberId) return Refusal.FailedPrecondition($"raft_member_id: {info.RaftMemberId:x} is node {other.Id}");
        }

        if (transaction.Cluster is { } cluster && info.FeatureLevel < cluster.FeatureLevel)
            return Refusal.FailedPrecondition($"feature_level: this manager reads up to level {info.FeatureLevel}, and the cluster is at level {cluster.FeatureLevel}: install a newer Cluster on that machine");
        if (node.Manager != info) transaction.Put(node with { Manager = info });
        return transaction.GetNode(id)!;
    }

    /// <summary>All managers and agents are told of it: what they cannot call must not stand in the row.</summary>
    private static bool IsHostAndPort(string address)
    {
        int colon = address.LastIndexOf(':');
        return address.Length <= MaxAddressLength && colon > 0
            && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            && Uri.CheckHostName(address[..colon].Trim('[', ']')) != UriHostNameType.Unknown;
    }

    /// <summary>The member is out of the Raft group: the node is no manager any more, and gets a worker's certificate when it asks.</summary>
    public static void Release(WorkingTransaction transaction, NodeId id, ulong member)
    {
        if (transaction.GetNode(id) is { } node && node.Manager?.RaftMemberId == member && node.Spec.Role == NodeRole.Worker) transaction.Put(node with { Manager = null });
    }

    /// <summary>What a node is to be now: a manager that is to become a worker stays one until it is out of the Raft group.</summary>
    public static NodeRole RoleOf(NodeRecord node) => node.Spec.Role == NodeRole.Manager || node.Manager is not null ? NodeRole.Manager : NodeRole.Worker;
}
