using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>The first change of a cluster that goes on with one manager, from its own log or from a backup.</summary>
public static class RecoveryCommands
{
    /// <summary>
    /// One node is the only manager. The other managers of before become workers: they belong to a group that is over, and give up their
    /// part in it when they hear of this.
    /// </summary>
    public static void KeepOneManager(WorkingTransaction transaction, NodeRecord survivor)
    {
        foreach (NodeRecord node in transaction.Nodes.ToList())
        {
            if (node.Id != survivor.Id && (node.Manager is not null || node.Spec.Role == NodeRole.Manager))
            {
                transaction.Put(node with { Spec = node.Spec with { Role = NodeRole.Worker }, Manager = null });
            }
        }

        transaction.Put(survivor with { Spec = survivor.Spec with { Role = NodeRole.Manager } });
    }
}
