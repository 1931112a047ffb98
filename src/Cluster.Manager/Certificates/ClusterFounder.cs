using System.Security.Cryptography;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Manager.Certificates;

/// <summary>Makes the first two rows of a new cluster: itself with a new root and secrets, and its first manager.</summary>
public static class ClusterFounder
{
    public static (ClusterRecord Cluster, NodeRecord Node) Found(
        ReadOnlySpan<byte> csrDer,
        string advertiseAddress,
        ulong raftMemberId,
        ClusterSpec spec,
        NodeAvailability availability,
        string hostname,
        IIdSource ids,
        DateTimeOffset now)
    {
        SigningRequest request = SigningRequest.Read(csrDer) is { IsOk: true } read ? read.Value : throw new InvariantException("the first node's own request is not valid");
        ClusterId clusterId = new(ids.Next());
        NodeId nodeId = new(ids.Next());
        RootAuthority root = RootCertificates.Create(clusterId, now);
        CertificateIdentity identity = new(clusterId, nodeId, NodeRole.Manager);
        ClusterRecord cluster = new() { Id = clusterId, Spec = spec, Root = root, JoinSecrets = new JoinSecrets(NewSecret(), NewSecret()) };
        if (spec.Autolock) cluster = cluster with { Lock = new ClusterLock(1, UnlockKeys.New()) };
        NodeRecord node = new()
        {
            Id = nodeId,
            Spec = new NodeSpec { Role = NodeRole.Manager, Availability = availability },
            Description = new NodeDescription { Hostname = hostname },
            Certificate = new NodeCertificate(request.PublicKeyDigest, RootAuthorityIssuer.Issue(root, request.PublicKey, identity, now, spec.CertificateExpiry), NodeRole.Manager),
            Manager = new ManagerInfo(raftMemberId, advertiseAddress, FeatureLevels.Supported),
        };
        return (cluster, node);
    }

    private static UInt128 NewSecret()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
