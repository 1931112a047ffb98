using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Control.Commands;
using Cluster.Manager.Certificates;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Rpc.Server;
using Cluster.Store;
using Grpc.Core;

namespace Cluster.Manager.Security;

/// <summary>
/// Decides on every call by the certificate of the connection and by what is committed of its node: a node that was removed is refused at
/// once, and one that is to be a worker is a worker at once, whatever its certificate says. Any thread.
/// </summary>
/// <param name="trust">The roots that are believed.</param>
/// <param name="self">This manager's node.</param>
/// <param name="committed">The rows.</param>
/// <param name="isCurrent">Whether this manager knows what is committed: before that it refuses nobody for good.</param>
internal sealed class Authorizer(ClusterTrust trust, NodeId self, Func<StoreSnapshot> committed, Func<bool> isCurrent)
{
    private const string RenewMethod = "/cluster.v1.CertificateAuthority/IssueNodeCertificate";

    // A connection keeps its certificate, so its chain is verified and its key hashed once for each set of roots; rows are looked at with every call.
    private readonly ConditionalWeakTable<RpcPeer, Proof> _proofs = [];

    public Status Authorize(string method, RpcPeer peer)
    {
        if (AccessTable.Of(method) is not { } access) return new Status(StatusCode.Unimplemented, $"{method} is not a method of this cluster");
        if (access == Access.Anyone || peer.IsLocal) return Status.DefaultSuccess;

        Status verdict = Judge(access, method, peer, ProofOf(peer));
        return verdict.StatusCode != StatusCode.OK && access != Access.Peer && !isCurrent()
            ? new Status(StatusCode.Unavailable, $"{verdict.Detail}; but this manager may be behind the others: try again, or another one")
            : verdict;
    }

    /// <summary>Who calls; for methods that are open to anyone, a certificate that proves nothing counts as none.</summary>
    public Caller CallerOf(ServerCallContext context)
    {
        RpcPeer peer = context.GetRpcPeer();
        if (peer.IsLocal) return new Caller { LocalNode = self };
        IPAddress? address = (peer.RemoteEndPoint as IPEndPoint)?.Address;
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();
        Proof proof = ProofOf(peer);
        if (proof.User is { } user) return new Caller { User = proof.Standing == CertificateStanding.Direct ? user.Name : null, Address = address };
        if (proof.Identity is not { } identity || CheckMember(identity, proof) is not null) return new Caller { Address = address };
        if (!IsUpToDate(identity, proof)) return context.Method == RenewMethod && !HasEnded(proof) ? new Caller { NodeId = identity.NodeId, IsOutdated = true, Address = address } : new Caller { Address = address };
        return CheckManager(identity, context.Method) is null && ForwardedCaller.Read(context.RequestHeaders) is { } forwarded
            ? forwarded
            : new Caller { NodeId = identity.NodeId, Address = address };
    }

    /// <summary>Whom the certificate names, whatever is committed of that node; null when it proves nothing.</summary>
    public CertificateIdentity? IdentityOf(RpcPeer peer) => peer.IsLocal ? null : ProofOf(peer).Identity;

    /// <summary>On whose account a call goes. Root, and managers, which hand on the calls of others, are not limited.</summary>
    public string? AccountOf(RpcPeer peer)
    {
        if (peer.IsLocal) return null;
        Proof proof = ProofOf(peer);
        if (proof.User is { } user) return $"user {user.Name}";
        if (proof.Identity is not { } identity) return $"address {(peer.RemoteEndPoint as IPEndPoint)?.Address}";
        return identity.Role == NodeRole.Manager && CheckMember(identity, proof) is null ? null : $"node {identity.NodeId}";
    }

    private Proof ProofOf(RpcPeer peer)
    {
        if (_proofs.TryGetValue(peer, out Proof? known) && ReferenceEquals(known.Roots, trust.Roots) && (known.Standing == CertificateStanding.None || !HasEnded(known))) return known;
        Proof proof = Prove(peer, known);
        _proofs.AddOrUpdate(peer, proof);
        return proof;
    }

    private Proof Prove(RpcPeer peer, Proof? before)
    {
        TrustedRoots roots = trust.Roots;
        CertificateStanding standing = trust.Judge(peer.Certificate, peer.Intermediates, roots, out string refusal);
        bool wasGood = before?.WasGood == true || standing >= CertificateStanding.Indirect;
        if (standing == CertificateStanding.None) return before is { WasGood: true } ? before with { Roots = roots, Standing = standing, Refusal = refusal } : Nobody(refusal);
        CertificateIdentity? node = trust.NodeOf(peer.Certificate!, out string misfit);
        UserIdentity? user = node is null ? trust.UserOf(peer.Certificate!, out _) : null;
        if (node is null && user is null) return Nobody(misfit);
        return new Proof(roots, standing, wasGood, node, user, refusal, SHA256.HashData(peer.Certificate!.PublicKey.ExportSubjectPublicKeyInfo()), peer.Certificate.NotAfter.ToUniversalTime());

        Proof Nobody(string why) => new(roots, standing, wasGood, null, null, why, [], default);
    }

    /// <summary>A connection outlives the certificate that it began with.</summary>
    private bool HasEnded(Proof proof) => trust.UtcNow > proof.NotAfterUtc;

    private Status Judge(Access access, string method, RpcPeer peer, Proof proof)
    {
        if (proof.User is { } user) return JudgeUser(user, proof, access, method);
        if (proof.Identity is not { } identity) return new Status(StatusCode.Unauthenticated, $"{method} needs a certificate of this cluster: {proof.Refusal}");
        string? refusal = access switch
        {
            Access.Peer => CheckPeer(identity, proof, peer),
            Access.Manager or Access.Operator or Access.Reader => CheckMember(identity, proof) ?? CheckManager(identity, method),
            _ => CheckMember(identity, proof),
        };
        if (refusal is not null) return new Status(StatusCode.PermissionDenied, refusal);
        if (IsUpToDate(identity, proof)) return Status.DefaultSuccess;
        return HasEnded(proof)
            ? new Status(StatusCode.Unauthenticated, $"{proof.Refusal}: node {identity.NodeId} has not renewed it in time ('cluster node leave' there, then join again)")
            : new Status(StatusCode.FailedPrecondition, $"{proof.Refusal}: node {identity.NodeId} has to renew it before anything else (it does so by itself)");
    }

    private Status JudgeUser(UserIdentity user, Proof proof, Access access, string method)
    {
        if (proof.Standing != CertificateStanding.Direct)
        {
            string reason = proof.Standing == CertificateStanding.Former || HasEnded(proof) ? proof.Refusal : "the certificate was not issued by this cluster's root";
            return new Status(StatusCode.Unauthenticated, $"{reason}, and counts no longer for user {user.Name}: get a new one, which 'cluster cert issue' makes on a manager");
        }

        if (access == Access.Reader || (access == Access.Operator && user.Role == UserRole.Operator)) return Status.DefaultSuccess;
        return new Status(StatusCode.PermissionDenied, access == Access.Operator
            ? $"user {user.Name} may look, and {method} changes something: an operator's certificate is needed"
            : $"user {user.Name} is a person, and {method} is for nodes");
    }

    /// <summary>
    /// A connection that began with a certificate of what was the root then, or with one that has ended since, goes on when its node has got one meanwhile
    /// that counts: the row names the same key, so nothing would be proved by beginning anew.
    /// </summary>
    private bool IsUpToDate(CertificateIdentity identity, Proof proof)
    {
        if (proof.Standing >= CertificateStanding.Indirect) return true;
        return proof.WasGood && committed().GetNode(identity.NodeId) is { } node && HasKeyOf(node, proof)
            && proof.Roots.TrustedDer.Any(root => RootAuthority.DigestOf(root).AsSpan().SequenceEqual(node.Certificate.IssuerDigest.AsSpan()))
            && (!HasEnded(proof) || IsValid(node.Certificate));
    }

    private bool IsValid(NodeCertificate present)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(present.CertificateDer.AsSpan());
        return trust.UtcNow <= certificate.NotAfter.ToUniversalTime();
    }

    private string? CheckMember(CertificateIdentity identity, Proof proof)
    {
        NodeRecord? node = committed().GetNode(identity.NodeId);
        if (node is null) return $"node {identity.NodeId} is not (any more) part of this cluster: 'cluster node leave' there, then join again";
        return HasKeyOf(node, proof) ? null : $"node {identity.NodeId} has another key now";
    }

    private string? CheckManager(CertificateIdentity identity, string method) =>
        identity.Role == NodeRole.Manager && committed().GetNode(identity.NodeId) is { Spec.Role: NodeRole.Manager }
            ? null
            : $"node {identity.NodeId} is a worker, and {method} is for managers";

    /// <summary>
    /// For what members of the Raft group say to each other: by then this one may be far behind, or know nothing yet. A certificate that
    /// is newer than all it knows is taken on the word of the authority that issued it; the Raft group itself refuses who was removed.
    /// </summary>
    private string? CheckPeer(CertificateIdentity identity, Proof proof, RpcPeer peer)
    {
        if (identity.Role != NodeRole.Manager) return $"node {identity.NodeId} is a worker, and the managers' group is for managers";
        StoreSnapshot known = committed();
        ClusterTime issued = ClusterTime.FromUtc(peer.Certificate!.NotBefore.ToUniversalTime() + RootAuthorityIssuer.Backdating);
        if (known.Cluster is null || issued > known.Time) return null;
        return known.GetNode(identity.NodeId) is { } node && HasKeyOf(node, proof) && ManagerCommands.RoleOf(node) == NodeRole.Manager
            ? null
            : $"node {identity.NodeId} is not (any more) a manager of this cluster";
    }

    private static bool HasKeyOf(NodeRecord node, Proof proof) => proof.KeyDigest.AsSpan().SequenceEqual(node.Certificate.PublicKeyDigest.AsSpan());

    /// <param name="Roots">Against which it was judged.</param>
    /// <param name="WasGood">By roots of before, on this connection.</param>
    /// <param name="KeyDigest">Of a node's key, by which its row knows it.</param>
    /// <param name="NotAfterUtc">When the certificate ends.</param>
    private sealed record Proof(
        TrustedRoots Roots, CertificateStanding Standing, bool WasGood, CertificateIdentity? Identity, UserIdentity? User, string Refusal, byte[] KeyDigest, DateTime NotAfterUtc);
}
