using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Validation;

namespace Cluster.Manager.Certificates;

/// <summary>Makes the first two rows of a new cluster: itself with a new root and secrets, and its first manager.</summary>
public static class ClusterFounder
{
    /// <param name="csrDer">The first node's own request.</param>
    /// <param name="advertiseAddress">Where others reach it.</param>
    /// <param name="raftMemberId">Which member of the group it is.</param>
    /// <param name="spec">The cluster's settings.</param>
    /// <param name="givenRoot">Null: one is made. It may be without its key: then an external authority of the spec signs.</param>
    /// <param name="availability">Of the first node.</param>
    /// <param name="hostname">Of the first node.</param>
    /// <param name="ids">Where ids come from.</param>
    /// <param name="timeProvider">The time.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<Result<(ClusterRecord Cluster, NodeRecord Node)>> FoundAsync(
        ReadOnlyMemory<byte> csrDer,
        string advertiseAddress,
        ulong raftMemberId,
        ClusterSpec spec,
        RootAuthority? givenRoot,
        NodeAvailability availability,
        string hostname,
        IIdSource ids,
        TimeProvider timeProvider,
        CancellationToken ct)
    {
        if (ClusterSpecValidator.Validate(spec) is { } unfit) return unfit;
        DateTimeOffset now = timeProvider.GetUtcNow();
        Result<RootAuthority> root = givenRoot is null ? default(Result<RootAuthority>) : RootCertificates.Import(givenRoot.CertificateDer.AsSpan(), givenRoot.KeyPkcs8.AsSpan(), [], now);
        if (givenRoot is not null && root.Refusal is { } refusal) return refusal;
        if (givenRoot is null && !spec.ExternalAuthorities.IsEmpty) return RootCertificates.MustBeGiven;
        SigningRequest request = ReadOwn(csrDer.Span);
        ClusterRecord cluster = NewCluster(spec, givenRoot is null ? null : root.Value, ids, now);
        CertificateIdentity identity = new(cluster.Id, new NodeId(ids.Next()), NodeRole.Manager);
        using ExternalSigner external = new(static () => null, timeProvider);
        Result<ImmutableArray<byte>> certificate = await new CertificateSigner(external, timeProvider).SignAsync(cluster, request, identity, ct);
        return certificate.Refusal is { } failure ? failure : (cluster, NewNode(cluster, request, identity, certificate.Value, advertiseAddress, raftMemberId, availability, hostname));
    }

    private static SigningRequest ReadOwn(ReadOnlySpan<byte> csrDer) =>
        SigningRequest.Read(csrDer) is { IsOk: true } read ? read.Value : throw new InvariantException("the first node's own request is not valid");

    private static ClusterRecord NewCluster(ClusterSpec spec, RootAuthority? root, IIdSource ids, DateTimeOffset now)
    {
        ClusterId id = new(ids.Next());
        ClusterLock present = spec.Autolock ? new ClusterLock(1, UnlockKeys.New()) : ClusterLock.Open;
        return new ClusterRecord { Id = id, Spec = spec, Root = root ?? RootCertificates.Create(id, now), JoinSecrets = new JoinSecrets(NewSecret(), NewSecret()), Lock = present };
    }

    private static NodeRecord NewNode(
        ClusterRecord cluster, SigningRequest request, CertificateIdentity identity, ImmutableArray<byte> certificate, string advertiseAddress, ulong raftMemberId, NodeAvailability availability, string hostname) => new()
    {
        Id = identity.NodeId,
        Spec = new NodeSpec { Role = NodeRole.Manager, Availability = availability },
        Description = new NodeDescription { Hostname = hostname },
        Certificate = new NodeCertificate(request.PublicKeyDigest, certificate, NodeRole.Manager, RootAuthority.DigestOf(cluster.Root.CertificateDer)),
        Manager = new ManagerInfo(raftMemberId, advertiseAddress, FeatureLevels.Supported),
    };

    private static UInt128 NewSecret()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
