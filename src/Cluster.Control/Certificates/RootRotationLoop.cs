using System.Collections.Immutable;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Control.Certificates;

/// <summary>
/// Ends a rotation of the root when every node that is awaited has a certificate of the new one. Level-triggered: it looks at the rows, so a
/// rotation goes on wherever the leader before left it, and a node that dies meanwhile holds nothing up.
/// </summary>
internal sealed class RootRotationLoop : IControlLoop
{
    public string Name => "root rotation";

    public void Note(Change change, DirtySet dirty)
    {
        if (change.Table is Table.Nodes or Table.Cluster) dirty.Other = true;
    }

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        if (!dirty.Other) return Decision.Done;
        if (transaction.Cluster is { Rotation: { } rotation } cluster && IsComplete(transaction, rotation))
        {
            if (!context.MayStart(1)) return new Decision(true, null, []);
            context.Put(cluster, RootRotationCommands.Finish(cluster));
        }

        dirty.Other = false;
        return Decision.Done;
    }

    private static bool IsComplete(WorkingTransaction transaction, RootRotation rotation)
    {
        ImmutableArray<byte> target = RootAuthority.DigestOf(rotation.Target.CertificateDer);
        return transaction.Nodes.All(node => !RootRotationCommands.IsAwaited(node) || RootRotationCommands.HasCertificateOf(node, target));
    }
}
