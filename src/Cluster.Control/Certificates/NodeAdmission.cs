using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Control.Commands;
using Cluster.Control.Dispatch;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Certificates;

/// <summary>
/// Lets nodes in and renews their certificates. One key is one node: the same key again gives the same node and the same row. The
/// role is that of the token whose secret was given; both secrets are compared in constant time.
/// </summary>
public static class NodeAdmission
{
    public static Result<NodeRecord> Admit(WorkingTransaction transaction, AdmissionRequest request, ICertificateIssuer issuer, IIdSource ids)
    {
        if (transaction.Cluster is not { } cluster) return ClusterCommands.NoCluster;
        if (RoleOf(cluster.JoinSecrets, request.TokenSecret) is not { } role)
        {
            return new Refusal(RefusalKind.PermissionDenied, "the join token is not valid (any more); ask a manager for the present one: cluster node join-token");
        }

        ReadOnlySpan<byte> key = request.SubjectPublicKeyInfoDer.Span;
        ImmutableArray<byte> digest = PublicKeyDigest.Of(key);
        if (transaction.FindNodeByPublicKey(digest.AsSpan()) is { } known)
        {
            NodeRole present = ManagerCommands.RoleOf(known);
            return present == role
                ? Certify(transaction, cluster, known, key, digest, issuer)
                : Refusal.FailedPrecondition($"this node is already in the cluster as a {Name(present)}; the token is for a {Name(role)}");
        }

        if (NodeStatusUpdates.Check(request.Description, request.Address) is { } unfit) return unfit;
        NodeId id = new(ids.Next());
        Result<NodeCertificate> certificate = Issue(cluster, key, digest, id, role, issuer);
        if (certificate.Refusal is { } stale) return stale;
        transaction.Put(new NodeRecord
        {
            Id = id,
            Spec = new NodeSpec { Role = role, Availability = request.Availability },
            Description = request.Description,
            Status = new NodeStatus { State = NodeState.Unknown, Message = "joined, not heard of yet", Address = request.Address, Since = transaction.Now },
            Certificate = certificate.Value,
        });
        return transaction.GetNode(id)!;
    }

    /// <summary>A new certificate for the node that the caller has proved to be, by its present one; the key may be a new one.</summary>
    /// <param name="transaction">Where it is written.</param>
    /// <param name="caller">The node.</param>
    /// <param name="subjectPublicKeyInfoDer">The key that the caller has proved to hold.</param>
    /// <param name="issuer">Signs.</param>
    /// <param name="isOutdated">The caller's present certificate is of a former root, so only the key that the row knows says who it is: it must stay.</param>
    public static Result<NodeRecord> Renew(
        WorkingTransaction transaction, NodeId caller, ReadOnlySpan<byte> subjectPublicKeyInfoDer, ICertificateIssuer issuer, bool isOutdated = false)
    {
        if (transaction.Cluster is not { } cluster) return ClusterCommands.NoCluster;
        if (transaction.GetNode(caller) is not { } node) return Removed(caller);
        ImmutableArray<byte> digest = PublicKeyDigest.Of(subjectPublicKeyInfoDer);
        if (isOutdated && !node.Certificate.PublicKeyDigest.AsSpan().SequenceEqual(digest.AsSpan()))
        {
            return new Refusal(RefusalKind.PermissionDenied, $"a certificate of a former root is renewed only with the key that the cluster knows of node {caller}");
        }

        if (transaction.FindNodeByPublicKey(digest.AsSpan()) is { } holder && holder.Id != caller)
        {
            return new Refusal(RefusalKind.PermissionDenied, $"the key belongs to another node ({holder.Id})");
        }

        return Certify(transaction, cluster, node, subjectPublicKeyInfoDer, digest, issuer);
    }

    /// <summary>What a node hears whose row is gone, whatever its certificate says.</summary>
    public static Refusal Removed(NodeId node) => new(
        RefusalKind.PermissionDenied,
        $"node {node} was removed from the cluster; to bring it back: cluster node leave, then cluster node join with a token");

    private static Result<NodeRecord> Certify(
        WorkingTransaction transaction, ClusterRecord cluster, NodeRecord node, ReadOnlySpan<byte> key, ImmutableArray<byte> digest, ICertificateIssuer issuer)
    {
        Result<NodeCertificate> certificate = Issue(cluster, key, digest, node.Id, ManagerCommands.RoleOf(node), issuer);
        if (certificate.Refusal is { } stale) return stale;
        transaction.Put(node with { Certificate = certificate.Value });
        return transaction.GetNode(node.Id)!;
    }

    private static Result<NodeCertificate> Issue(ClusterRecord cluster, ReadOnlySpan<byte> key, ImmutableArray<byte> digest, NodeId node, NodeRole role, ICertificateIssuer issuer)
    {
        ImmutableArray<byte> certificate = issuer.Issue(key, node, role, cluster.Id);
        return certificate.IsEmpty
            ? new Refusal(RefusalKind.OutOfSequence, "what the certificate was signed for has changed meanwhile: ask again")
            : new NodeCertificate(digest, certificate, role, RootAuthority.DigestOf(RootChain.Issuing(cluster).CertificateDer));
    }

    private static NodeRole? RoleOf(JoinSecrets secrets, UInt128 given)
    {
        Span<byte> bytes = stackalloc byte[48];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, given);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], secrets.Worker);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[32..], secrets.Manager);
        bool worker = CryptographicOperations.FixedTimeEquals(bytes[..16], bytes[16..32]);
        bool manager = CryptographicOperations.FixedTimeEquals(bytes[..16], bytes[32..]);
        return given == UInt128.Zero ? null : manager ? NodeRole.Manager : worker ? NodeRole.Worker : null;
    }

    private static string Name(NodeRole role) => role == NodeRole.Manager ? "manager" : "worker";
}
