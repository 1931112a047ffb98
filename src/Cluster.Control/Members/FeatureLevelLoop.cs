using Cluster.Control.Commands;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Members;

/// <summary>
/// Raises the cluster's feature level to what every manager has said that it can read. A manager that has not yet said it holds the level
/// back; a worker does not, since only managers read the state.
/// </summary>
internal sealed class FeatureLevelLoop : IControlLoop
{
    public string Name => "feature level";

    public void Note(Change change, DirtySet dirty)
    {
        if (change is { Table: Table.Cluster } or { Before: NodeRecord { Manager: not null } } or { After: NodeRecord { Manager: not null } or NodeRecord { Spec.Role: NodeRole.Manager } }) dirty.Other = true;
    }

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        if (!dirty.Other || transaction.Cluster is not { } cluster) return Decision.Done;
        if (!context.MayStart(1)) return new(true, null, []);
        dirty.Other = false;
        int common = Common(transaction, context);
        if (common > cluster.FeatureLevel) context.Put(cluster, cluster with { FeatureLevel = common });
        return Decision.Done;
    }

    /// <summary>0 when a manager has not spoken yet.</summary>
    private static int Common(WorkingTransaction transaction, DecisionContext context)
    {
        int common = int.MaxValue;
        int managers = 0;
        foreach (NodeRecord node in transaction.Nodes)
        {
            context.Examined(1);
            if (ManagerCommands.RoleOf(node) != NodeRole.Manager) continue;
            managers++;
            common = Math.Min(common, node.Manager?.FeatureLevel ?? 0);
        }

        return managers == 0 ? 0 : common;
    }
}
