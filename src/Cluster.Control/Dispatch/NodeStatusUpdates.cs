using Cluster.Control.Certificates;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Dispatch;

/// <summary>What the managers learn of a node, as changes of its row. Nothing is written when the row says it already.</summary>
public static class NodeStatusUpdates
{
    /// <summary>Longest description that is taken in, in characters of all its texts.</summary>
    public const int MaxDescription = 32 * 1024;

    /// <summary>The node has a session: it is ready, and is what it says it is. Refused for a node that was removed.</summary>
    public static Result<NodeRecord> MarkReady(WorkingTransaction transaction, NodeId id, NodeDescription description, string address)
    {
        if (transaction.GetNode(id) is not { } node) return NodeAdmission.Removed(id);
        if (Check(description, address) is { } refusal) return refusal;
        NodeStatus status = node.Status.State == NodeState.Ready
            ? node.Status with { Address = address }
            : new NodeStatus { State = NodeState.Ready, Address = address, Since = transaction.Now, ClockSkew = node.Status.ClockSkew };
        NodeRecord after = node with { Description = description, Status = status };
        if (after != node) transaction.Put(after);
        return transaction.GetNode(id)!;
    }

    /// <summary>The node was not heard of. Whether something was written.</summary>
    public static bool MarkDown(WorkingTransaction transaction, NodeId id, string reason)
    {
        if (transaction.GetNode(id) is not { } node || node.Status.State == NodeState.Down) return false;
        transaction.Put(node with { Status = node.Status with { State = NodeState.Down, Message = reason, Since = transaction.Now } });
        return true;
    }

    public static void SetClockSkew(WorkingTransaction transaction, NodeId id, TimeSpan skew)
    {
        if (transaction.GetNode(id) is { } node && node.Status.ClockSkew != skew) transaction.Put(node with { Status = node.Status with { ClockSkew = skew } });
    }

    /// <summary>A node says of itself what it likes, before it is in and after.</summary>
    internal static Refusal? Check(NodeDescription description, string address)
    {
        long length = address.Length + description.Hostname.Length + description.Os.Length + description.Architecture.Length + description.EngineVersion.Length;
        foreach ((string key, string value) in description.EngineLabels.Items) length += key.Length + value.Length;
        if (length > MaxDescription) return Refusal.Invalid($"the node's description is too long ({length} characters, {MaxDescription} at most)");
        Resources resources = description.Resources;
        return resources.NanoCpus < 0 || resources.MemoryBytes < 0 ? Refusal.Invalid("the node's description has negative resources") : null;
    }
}
