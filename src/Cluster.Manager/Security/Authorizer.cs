using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Rpc.Server;
using Cluster.Store;
using Grpc.Core;

namespace Cluster.Manager.Security;

/// <summary>
/// Decides on every call by the certificate of the connection and by what is committed of its node: a node that was removed, or whose
/// role changed, is refused at once, whatever its certificate says. Any thread.
/// </summary>
internal sealed class Authorizer(ClusterTrust trust, Func<StoreView> committed)
{
    // A connection keeps its certificate, so its chain is verified once; what is committed is looked at with every call.
    private readonly ConditionalWeakTable<RpcPeer, Proof> _proofs = [];

    public Status Authorize(string method, RpcPeer peer)
    {
        if (AccessTable.Of(method) is not { } access) return new Status(StatusCode.Unimplemented, $"{method} is not a method of this cluster");
        if (access == Access.Anyone || peer.IsLocal) return Status.DefaultSuccess;

        Proof proof = ProofOf(peer);
        if (proof.Identity is not { } identity) return new Status(StatusCode.Unauthenticated, $"{method} needs a certificate of this cluster: {proof.Refusal}");
        if (access != Access.Peer && CheckMember(identity, peer) is { } refusal) return new Status(StatusCode.PermissionDenied, refusal);
        return access is Access.Manager or Access.Peer && identity.Role != NodeRole.Manager
            ? new Status(StatusCode.PermissionDenied, $"node {identity.NodeId} is a worker, and {method} is for managers")
            : Status.DefaultSuccess;
    }

    /// <summary>Who calls; for methods that are open to anyone, a certificate that proves nothing counts as none.</summary>
    public Caller CallerOf(ServerCallContext context)
    {
        RpcPeer peer = context.GetRpcPeer();
        if (peer.IsLocal) return Caller.Local;
        return ProofOf(peer).Identity is { } identity && CheckMember(identity, peer) is null ? new Caller(IsLocal: false, identity) : Caller.Anonymous;
    }

    /// <summary>Whom the certificate names, whatever is committed of that node; null when it proves nothing.</summary>
    public CertificateIdentity? IdentityOf(ServerCallContext context)
    {
        RpcPeer peer = context.GetRpcPeer();
        return peer.IsLocal ? null : ProofOf(peer).Identity;
    }

    private Proof ProofOf(RpcPeer peer) => _proofs.GetValue(peer, p => new Proof(trust.Verify(p.Certificate, [], out string refusal), refusal));

    private string? CheckMember(CertificateIdentity identity, RpcPeer peer)
    {
        NodeRecord? node = committed().GetNode(identity.NodeId);
        if (node is null) return $"node {identity.NodeId} is not (any more) part of this cluster: 'cluster node leave' there, then join again";
        if (node.Certificate.Role != identity.Role) return $"node {identity.NodeId} is a {node.Certificate.Role.ToString().ToLowerInvariant()} now, its certificate is of another role";
        byte[] digest = SHA256.HashData(peer.Certificate!.PublicKey.ExportSubjectPublicKeyInfo());
        return digest.AsSpan().SequenceEqual(node.Certificate.PublicKeyDigest.AsSpan())
            ? null
            : $"node {identity.NodeId} has another key now";
    }

    private sealed record Proof(CertificateIdentity? Identity, string Refusal);
}
