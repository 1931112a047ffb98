using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Validation;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>The beginning of a cluster.</summary>
public static class ClusterCommands
{
    /// <summary>Writes the cluster and its first manager. Again with the same ids it changes nothing, so that a crash in between is harmless.</summary>
    public static Result<ClusterRecord> Init(WorkingTransaction transaction, ClusterInit init)
    {
        if (transaction.Cluster is { } present)
        {
            return present.Id == init.ClusterId && transaction.GetNode(init.NodeId) is not null
                ? present
                : Refusal.AlreadyExists($"this node is already part of cluster {present.Id}");
        }

        if (ClusterSpecValidator.Validate(init.Spec) is { } refusal) return refusal;
        transaction.Put(new ClusterRecord { Id = init.ClusterId, Spec = init.Spec, Root = init.Root, JoinSecrets = init.JoinSecrets });
        transaction.Put(new NodeRecord
        {
            Id = init.NodeId,
            Spec = init.NodeSpec with { Role = NodeRole.Manager },
            Description = init.Description,
            Status = new NodeStatus { State = NodeState.Unknown, Message = "not heard of yet", Since = transaction.Now },
            Certificate = new NodeCertificate(init.PublicKeyDigest, init.CertificateDer, NodeRole.Manager),
            Manager = init.Manager,
        });
        return transaction.Cluster!;
    }
}
