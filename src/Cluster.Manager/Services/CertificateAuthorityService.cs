using System.Collections.Immutable;
using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Certificates;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Security;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Tokens;
using Cluster.Store;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>Lets nodes in by token, and renews the certificates of those that are in.</summary>
internal sealed class CertificateAuthorityService(ControlThread control, Authorizer authorizer, CertificateSigner signer, RenewalProblems problems, IIdSource ids)
    : CertificateAuthority.CertificateAuthorityBase
{
    /// <summary>What is signed for may change while it is signed; not again and again.</summary>
    private const int MaxAttempts = 5;

    public override Task<GetRootCertificateResponse> GetRootCertificate(GetRootCertificateRequest request, ServerCallContext context)
    {
        ClusterRecord cluster = Cluster();
        GetRootCertificateResponse response = new() { CertificateDer = cluster.Root.CertificateDer.ToProto() };
        response.FormerCertificateDer.Add(cluster.FormerRoots.Select(root => root.CertificateDer.ToProto()));
        return System.Threading.Tasks.Task.FromResult(response);
    }

    public override Task<IssueNodeCertificateResponse> IssueNodeCertificate(IssueNodeCertificateRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        SigningRequest signing = SigningRequest.Read(request.CsrDer.Span).OrThrow();
        NodeRecord node = request.Token.Length > 0
            ? await AdmitAsync(request, signing, context)
            : await RenewAsync(signing, context);
        return Answer(node);
    });

    private async Task<NodeRecord> AdmitAsync(IssueNodeCertificateRequest request, SigningRequest signing, ServerCallContext context)
    {
        if (!JoinToken.TryParse(request.Token, out JoinToken? token)) throw Replies.Refused(RefusalKind.Invalid, "token: this is not a join token (SWMTKN-1-…)");
        AdmissionRequest admission = new()
        {
            SubjectPublicKeyInfoDer = signing.PublicKey.ExportSubjectPublicKeyInfo(),
            TokenSecret = token.Secret,
            Availability = request.Availability.ToModelOrActive("availability"),
            Description = request.Description?.ToModel() ?? new(),
            Address = authorizer.CallerOf(context).Address?.ToString() ?? "",
        };
        return (await IssueAsync("join", signing, (tx, issuer, newIds) => CheckRoot(tx, token) ?? NodeAdmission.Admit(tx, admission, issuer, newIds), context.CancellationToken)).OrThrow();
    }

    private static Result<NodeRecord>? CheckRoot(StoreView view, JoinToken token)
    {
        if (view.Cluster is not { } cluster || token.MatchesRoot(cluster.Root.CertificateDer.AsSpan())) return null;
        return new Refusal(RefusalKind.PermissionDenied, cluster.FormerRoots.Any(root => token.MatchesRoot(root.CertificateDer.AsSpan()))
            ? JoinToken.OfFormerRoot
            : "the join token is of another cluster");
    }

    private async Task<NodeRecord> RenewAsync(SigningRequest signing, ServerCallContext context)
    {
        Caller by = authorizer.CallerOf(context);
        if (by.NodeId is not { } caller)
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "without a join token, only a node of this cluster gets a certificate: its own, renewed"));
        }

        byte[] key = signing.PublicKey.ExportSubjectPublicKeyInfo();
        Result<NodeRecord> renewed = await IssueAsync($"node:{caller}", signing, (tx, issuer, _) => NodeAdmission.Renew(tx, caller, key, issuer, by.IsOutdated), context.CancellationToken);
        problems.Note(caller, renewed.Refusal?.Message);
        return renewed.OrThrow();
    }

    /// <summary>The change is tried out, to see what has to be signed; then it is signed, outside of any change; then the change is made with it.</summary>
    private async Task<Result<NodeRecord>> IssueAsync(
        string actor, SigningRequest signing, Func<WorkingTransaction, ICertificateIssuer, IIdSource, Result<NodeRecord>> change, CancellationToken ct)
    {
        Result<NodeRecord> outcome = default;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            StoreSnapshot view = control.Committed.Current;
            ClusterRecord cluster = view.Cluster ?? Cluster();
            CertificateOrder order = new();
            FixedId id = new(ids.Next());
            outcome = change(new WorkingTransaction(view, view.Time), order, id);
            if (!outcome.IsOk || order.Identity is not { } identity) return outcome;

            Result<ImmutableArray<byte>> certificate = await signer.SignAsync(cluster, signing, identity, ct);
            if (certificate.Refusal is { } refusal) return refusal;
            outcome = await control.SubmitAsync(
                actor,
                tx => change(tx, CertificateOrder.Fulfilled(identity, RootChain.Issuing(cluster), tx.Cluster ?? cluster, certificate.Value), id),
                ct);
            if (outcome.Refusal is not { Kind: RefusalKind.OutOfSequence }) return outcome;
        }

        return outcome;
    }

    private IssueNodeCertificateResponse Answer(NodeRecord node)
    {
        StoreSnapshot view = control.Committed.Current;
        ClusterRecord cluster = Cluster();
        IssueNodeCertificateResponse response = new()
        {
            NodeId = node.Id.ToString(),
            ClusterId = cluster.Id.ToString(),
            Role = node.Certificate.Role.ToProto(),
            Managers = { ManagerAddresses.Of(view) },
            Incarnation = view.Incarnation,
            RaftMemberId = node.Manager?.RaftMemberId ?? 0,
            RootGeneration = cluster.RootGeneration,
        };
        response.CertificateChainDer.Add(node.Certificate.CertificateDer.ToProto());
        response.CertificateChainDer.Add(RootChain.CrossSignatures(cluster).Select(der => der.ToProto()));
        response.RootCertificateDer.Add(RootChain.Trusted(cluster).Select(der => der.ToProto()));
        return response;
    }

    private ClusterRecord Cluster() =>
        control.Committed.Current.Cluster ?? throw Replies.Refused(RefusalKind.FailedPrecondition, "the cluster is not initialised yet: try again");

    /// <summary>The id of a new node, the same when its row is tried out and when it is written.</summary>
    private sealed class FixedId(UInt128 id) : IIdSource
    {
        public UInt128 Next() => id;
    }
}
