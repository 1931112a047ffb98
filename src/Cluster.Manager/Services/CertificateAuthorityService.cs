using System.Security.Cryptography.X509Certificates;
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
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>Lets nodes in by token, and renews the certificates of those that are in.</summary>
internal sealed class CertificateAuthorityService(ControlThread control, Authorizer authorizer, IIdSource ids, TimeProvider timeProvider)
    : CertificateAuthority.CertificateAuthorityBase
{
    public override Task<GetRootCertificateResponse> GetRootCertificate(GetRootCertificateRequest request, ServerCallContext context) =>
        System.Threading.Tasks.Task.FromResult(new GetRootCertificateResponse { CertificateDer = ByteString.CopyFrom(Cluster().Root.CertificateDer.AsSpan()) });

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
        ClusterRecord cluster = Cluster();
        if (!JoinToken.TryParse(request.Token, out JoinToken? token)) throw Replies.Refused(RefusalKind.Invalid, "token: this is not a join token (SWMTKN-1-…)");
        if (!token.MatchesRoot(cluster.Root.CertificateDer.AsSpan())) throw Replies.Refused(RefusalKind.PermissionDenied, "the join token is of another cluster");
        AdmissionRequest admission = new()
        {
            SubjectPublicKeyInfoDer = signing.PublicKey.ExportSubjectPublicKeyInfo(),
            TokenSecret = token.Secret,
            Availability = request.Availability.ToModelOrActive("availability"),
            Description = request.Description?.ToModel() ?? new(),
            Address = authorizer.CallerOf(context).Address?.ToString() ?? "",
        };
        return (await control.SubmitAsync("join", tx => NodeAdmission.Admit(tx, admission, Issuer(tx), ids), context.CancellationToken)).OrThrow();
    }

    private async Task<NodeRecord> RenewAsync(SigningRequest signing, ServerCallContext context)
    {
        if (authorizer.CallerOf(context).NodeId is not { } caller)
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "without a join token, only a node of this cluster gets a certificate: its own, renewed"));
        }

        byte[] key = signing.PublicKey.ExportSubjectPublicKeyInfo();
        return (await control.SubmitAsync($"node:{caller}", tx => NodeAdmission.Renew(tx, caller, key, Issuer(tx)), context.CancellationToken)).OrThrow();
    }

    private CertificateIssuer Issuer(StoreView view) => new(view.Cluster ?? Cluster(), timeProvider);

    private IssueNodeCertificateResponse Answer(NodeRecord node)
    {
        StoreSnapshot view = control.Committed.Current;
        return new IssueNodeCertificateResponse
        {
            NodeId = node.Id.ToString(),
            ClusterId = Cluster().Id.ToString(),
            Role = node.Certificate.Role.ToProto(),
            CertificateChainDer = { ByteString.CopyFrom(node.Certificate.CertificateDer.AsSpan()) },
            Managers = { ManagerAddresses.Of(view) },
            Incarnation = view.Incarnation,
        };
    }

    private ClusterRecord Cluster() =>
        control.Committed.Current.Cluster ?? throw Replies.Refused(RefusalKind.FailedPrecondition, "the cluster is not initialised yet: try again");
}
