using System.Collections.Immutable;
using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Certificates;
using Cluster.Manager.Certificates;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Store;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>The cluster's root, and its exchange for another one.</summary>
internal sealed partial class ControlService
{
    /// <summary>Keys and signatures are made here, before the change; it is refused when the root has changed in between.</summary>
    public override Task<RotateRootResponse> RotateRoot(RotateRootRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        RequestId requestId = ReadRequestId(request.RequestId);
        ClusterRecord cluster = ClusterOf(control.Committed.Current);
        DateTimeOffset now = timeProvider.GetUtcNow();
        ValueList<ExternalAuthority> external = request.ExternalCas.Select(SpecCodec.ToModel).ToValueList();
        RootAuthority target = NewRoot(request, cluster, external, now).OrThrow();
        ImmutableArray<byte> crossSigned = CrossSignature(request, cluster, target, now).OrThrow();
        RootRotation rotation = new(target, crossSigned, new JoinSecrets(ids.Next(), ids.Next()));
        ClusterRecord begun = (await control.SubmitAsync(
            ActorOf(context),
            requestId,
            RootRotationCommands.BeginRequest,
            tx => RootRotationCommands.Begin(
                tx,
                cluster.Root.CertificateDer,
                rotation,
                spec => spec with
                {
                    ExternalAuthorities = external,
                    CertificateExpiry = request.CertificateExpiryTicks == 0 ? spec.CertificateExpiry : new TimeSpan(request.CertificateExpiryTicks),
                }),
            context.CancellationToken)).OrThrow();
        return new RotateRootResponse { CertificateDer = RootChain.Issuing(begun).CertificateDer.ToProto() };
    });

    public override Task<DescribeAuthorityResponse> DescribeAuthority(DescribeAuthorityRequest request, ServerCallContext context) => ReadAsync(context, view =>
    {
        ClusterRecord cluster = ClusterOf(view);
        DescribeAuthorityResponse response = new() { RootCertificateDer = cluster.Root.CertificateDer.ToProto() };
        if (cluster.Rotation is not { } rotation) return response;
        response.NextRootCertificateDer = rotation.Target.CertificateDer.ToProto();
        ImmutableArray<byte> target = RootAuthority.DigestOf(rotation.Target.CertificateDer);
        foreach (NodeRecord node in view.Nodes)
        {
            bool isRotated = RootRotationCommands.HasCertificateOf(node, target), isAwaited = RootRotationCommands.IsAwaited(node);
            if (isRotated) response.Rotated++;
            if (isRotated || isAwaited) response.Nodes++;
            if (!isRotated) response.Pending.Add(new PendingNode { NodeId = node.Id.ToString(), Hostname = node.Description.Hostname, Awaited = isAwaited, Reason = ReasonOf(node) });
        }

        return response;
    });

    private Result<RootAuthority> NewRoot(RotateRootRequest request, ClusterRecord cluster, ValueList<ExternalAuthority> external, DateTimeOffset now)
    {
        if (request.CertificateDer.IsEmpty)
        {
            if (!request.KeyPkcs8.IsEmpty || !request.CrossSignedDer.IsEmpty) return Refusal.Invalid("a key or a cross-signed certificate goes with a root's certificate, which is missing");
            return external.IsEmpty ? RootCertificates.Create(cluster.Id, now) : RootCertificates.MustBeGiven;
        }

        IEnumerable<ImmutableArray<byte>> known = [cluster.Root.CertificateDer, .. cluster.FormerRoots.Select(root => root.CertificateDer)];
        return RootCertificates.Import(request.CertificateDer.Span, request.KeyPkcs8.Span, known, now);
    }

    private static Result<ImmutableArray<byte>> CrossSignature(RotateRootRequest request, ClusterRecord cluster, RootAuthority target, DateTimeOffset now)
    {
        if (!request.CrossSignedDer.IsEmpty)
        {
            ImmutableArray<byte> given = [.. request.CrossSignedDer.Span];
            return RootCertificates.CheckCrossSignature(given.AsSpan(), target.CertificateDer.AsSpan(), cluster.Root.CertificateDer.AsSpan(), now) is { } refusal ? refusal : given;
        }

        return cluster.Root.HasKey
            ? RootCertificates.CrossSign(cluster.Root, target.CertificateDer.AsSpan(), now)
            : Refusal.FailedPrecondition(
                "the managers do not have the present root's key, so they cannot vouch for the new root with it: have the present authority sign the new root's subject and key as an "
                + "authority's certificate, and give that with --ca-cross-cert");
    }

    private string ReasonOf(NodeRecord node)
    {
        if (node.Status.State is Model.States.NodeState.Ready or Model.States.NodeState.Disconnected) return problems.Of(node.Id) ?? "it was told, and has not asked yet";
        return node.Manager is null
            ? "it is not connected; it changes over when it comes back"
            : "it is not connected, and a manager is waited for, because it may be needed for a majority: start it, or 'cluster node demote' it";
    }
}
