using System.Collections.Immutable;
using Cluster.Control.Certificates;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Validation;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>The beginning of a cluster, and what is changed of it as a whole.</summary>
public static class ClusterCommands
{
    public static readonly RequestKind<ClusterRecord> UpdateRequest = new(
        "cluster.update", cluster => cluster.Id.Value, (view, _) => view.Cluster is { } cluster ? cluster : NoCluster);

    public static readonly RequestKind<ClusterRecord> RotateJoinTokenRequest = UpdateRequest with { Operation = "cluster.rotate-join-token" };

    public static readonly RequestKind<ClusterRecord> RotateUnlockKeyRequest = UpdateRequest with { Operation = "cluster.rotate-unlock-key" };

    internal static Refusal NoCluster => Refusal.FailedPrecondition("there is no cluster here yet");

    public static Refusal NotLocked => Refusal.FailedPrecondition("there is no unlock key, because autolock is off: 'cluster node update --autolock=true' switches it on");

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
        transaction.Put(new ClusterRecord { Id = init.ClusterId, Spec = init.Spec, Root = init.Root, JoinSecrets = init.JoinSecrets, Lock = init.Lock, FeatureLevel = init.Manager.FeatureLevel });
        transaction.Put(new NodeRecord
        {
            Id = init.NodeId,
            Spec = init.NodeSpec with { Role = NodeRole.Manager },
            Description = init.Description,
            Status = new NodeStatus { State = NodeState.Unknown, Message = "not heard of yet", Since = transaction.Now },
            Certificate = new NodeCertificate(init.PublicKeyDigest, init.CertificateDer, NodeRole.Manager, RootAuthority.DigestOf(init.Root.CertificateDer)),
            Manager = init.Manager,
        });
        return transaction.Cluster!;
    }

    /// <summary>Changes the settings.</summary>
    /// <param name="transaction">Where to.</param>
    /// <param name="version">The version of the cluster that the new ones were made from.</param>
    /// <param name="spec">All settings.</param>
    /// <param name="unlockKey">Random; becomes the unlock key when autolock is switched on.</param>
    public static Result<ClusterRecord> Update(WorkingTransaction transaction, ulong version, ClusterSpec spec, ImmutableArray<byte> unlockKey)
    {
        if (transaction.Cluster is not { } cluster) return NoCluster;
        if (cluster.Meta.Version != version) return ServiceCommands.OutOfSequence("cluster", cluster.Id.ToString(), cluster.Meta.Version, version);
        if (ClusterSpecValidator.Validate(spec) is { } refusal) return refusal;
        if (RootRotationCommands.CheckSigner(RootChain.Issuing(cluster), spec) is { } unsigned) return unsigned;
        if (spec == cluster.Spec) return cluster;
        ClusterLock present = cluster.Lock;
        if (spec.Autolock != cluster.Spec.Autolock) present = new ClusterLock(present.Generation + 1, spec.Autolock ? unlockKey : []);
        transaction.Put(cluster with { Spec = spec, Lock = present });
        return transaction.Cluster!;
    }

    /// <summary>Managers that run follow; one that is down is unlocked with the key of before, and follows then.</summary>
    public static Result<ClusterRecord> RotateUnlockKey(WorkingTransaction transaction, ImmutableArray<byte> unlockKey)
    {
        if (transaction.Cluster is not { } cluster) return NoCluster;
        if (!cluster.Lock.IsLocked) return NotLocked;
        transaction.Put(cluster with { Lock = new ClusterLock(cluster.Lock.Generation + 1, unlockKey) });
        return transaction.Cluster!;
    }

    /// <summary>Whoever has the role's token of before is not let in any more.</summary>
    public static Result<ClusterRecord> RotateJoinToken(WorkingTransaction transaction, NodeRole role, UInt128 secret)
    {
        if (transaction.Cluster is not { } cluster) return NoCluster;
        JoinSecrets secrets = cluster.JoinSecrets;
        transaction.Put(cluster with { JoinSecrets = role == NodeRole.Manager ? secrets with { Manager = secret } : secrets with { Worker = secret } });
        return transaction.Cluster!;
    }
}
