using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Manager.Certificates;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Store;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Manager.Services;

internal sealed partial class ControlService
{
    private static readonly TimeSpan ShortestUserLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestUserLifetime = TimeSpan.FromDays(3650);

    public override Task<IssueUserCertificateResponse> IssueUserCertificate(IssueUserCertificateRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        StoreSnapshot view = await control.ReadAsync(context.CancellationToken);
        ClusterRecord cluster = ClusterOf(view);
        SigningRequest signing = SigningRequest.Read(request.CsrDer.Span).OrThrow();
        if (UserIdentity.CheckName(request.Name) is { } unfit) throw unfit.ToRpcException();
        Model.Certificates.UserRole role = request.Role switch
        {
            Api.V1.UserRole.Reader => Model.Certificates.UserRole.Reader,
            Api.V1.UserRole.Operator => Model.Certificates.UserRole.Operator,
            _ => throw Replies.Refused(RefusalKind.Invalid, "role: reader or operator is needed"),
        };
        TimeSpan lifetime = request.LifetimeTicks == 0 ? cluster.Spec.CertificateExpiry : new TimeSpan(request.LifetimeTicks);
        if (lifetime < ShortestUserLifetime || lifetime > LongestUserLifetime)
        {
            throw Replies.Refused(RefusalKind.Invalid, $"lifetime_ticks: {lifetime}; allowed are {ShortestUserLifetime.TotalMinutes:0} minute to {LongestUserLifetime.TotalDays:0} days");
        }

        UserIdentity identity = new(cluster.Id, request.Name, role);
        IssueUserCertificateResponse response = new()
        {
            CertificateDer = (await signer.SignAsync(cluster, signing, identity, lifetime, context.CancellationToken)).OrThrow().ToProto(),
            RootCertificateDer = cluster.Root.CertificateDer.ToProto(),
            NextRootCertificateDer = cluster.Rotation is { } rotation ? rotation.Target.CertificateDer.ToProto() : ByteString.Empty,
        };
        response.Managers.Add(ManagerAddresses.Of(view));
        return response;
    });
}
