using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Validation;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>What the API's calls on nodes do. A refused command has written nothing.</summary>
public static class NodeCommands
{
    public static readonly RequestKind<NodeRecord> UpdateRequest = new(
        "node.update",
        node => node.Id.Value,
        (view, id) => view.GetNode(new NodeId(id)) is { } node ? node : Refusal.NotFound($"node {new NodeId(id)} was removed since"));

    public static readonly RequestKind<NodeId> RemoveRequest = new("node.remove", id => id.Value, (_, id) => new NodeId(id));

    /// <summary>Changes role, labels and availability; <paramref name="version"/> is the version that the new spec was made from.</summary>
    public static Result<NodeRecord> Update(WorkingTransaction transaction, NodeId id, ulong version, NodeSpec spec)
    {
        if (transaction.GetNode(id) is not { } node) return Lookup.NotFound("node", id.ToString());
        if (node.Meta.Version != version) return ServiceCommands.OutOfSequence("node", id.ToString(), node.Meta.Version, version);
        if (spec.Role == NodeRole.Worker && node.Spec.Role == NodeRole.Manager && !transaction.Nodes.Any(other => other.Id != id && other is { Spec.Role: NodeRole.Manager, Manager: not null }))
        {
            return Refusal.FailedPrecondition($"node {id} is the last manager of the cluster and can't be demoted: promote another node first");
        }

        // The group never takes a removed member back: the node comes as a new one when it is out of it.
        if (spec.Role == NodeRole.Manager && node.Spec.Role == NodeRole.Worker && node.Manager is not null)
        {
            return Refusal.FailedPrecondition($"node {id} was demoted and is still leaving the managers' group; promote it again when 'cluster node ls' shows it as a worker");
        }

        if (NodeSpecValidator.Validate(spec) is { } refusal) return refusal;
        if (spec != node.Spec) transaction.Put(node with { Spec = spec });
        return transaction.GetNode(id)!;
    }

    /// <summary>
    /// Deletes a worker that is down, or any worker with <paramref name="force"/>. Its certificate is worth nothing from then on; its
    /// tasks are replaced by the kernel.
    /// </summary>
    public static Result<NodeId> Remove(WorkingTransaction transaction, NodeId id, bool force)
    {
        if (transaction.GetNode(id) is not { } node) return Lookup.NotFound("node", id.ToString());
        if (node.Manager is not null || node.Spec.Role == NodeRole.Manager)
        {
            return Refusal.FailedPrecondition($"node {id} is a manager: 'cluster node demote {id}' first, so that the quorum is not left with a member that is gone");
        }

        if (!force && node.Status.State != NodeState.Down)
        {
            return Refusal.FailedPrecondition($"node {id} is not down and can't be removed; stop it first, or use --force");
        }

        transaction.DeleteNode(id);
        return id;
    }
}
