using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Manager.Hosting;
using Cluster.Manager.LogRelaying;
using Cluster.Manager.Members;
using Cluster.Manager.Security;
using Cluster.Manager.Sessions;
using Cluster.Model;
using Cluster.Raft;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>What managers say to each other beside Raft's own messages.</summary>
internal sealed class ManagersService(ControlThread control, RaftHost raft, NodeReports reports, ManagerDescriber describer, NodeLogs logs, Authorizer authorizer) : Managers.ManagersBase
{
    public override Task<AnnounceResponse> Announce(AnnounceRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        Caller caller = authorizer.CallerOf(context);
        if (caller.NodeId is not { } node) throw Replies.Refused(RefusalKind.PermissionDenied, "only a manager's node announces itself");
        if (raft.CommittedMembership.IsRemoved(new MemberId(request.RaftMemberId)))
        {
            throw Replies.Refused(RefusalKind.FailedPrecondition, $"raft_member_id: {request.RaftMemberId:x} was removed from the managers' group and is refused for ever: the node becomes another member");
        }

        Model.Objects.ManagerInfo info = new(request.RaftMemberId, request.Address, Math.Max(request.FeatureLevel, FeatureLevels.First));
        (await control.SubmitAsync(caller.Actor, tx => ManagerCommands.Announce(tx, node, request.Incarnation, info), context.CancellationToken)).OrThrow();
        return new AnnounceResponse();
    });

    public override Task<MarkNodeReadyResponse> MarkNodeReady(MarkNodeReadyRequest request, ServerCallContext context) => reports.MarkReadyAsync(request, context.CancellationToken);

    public override Task<UpdateTaskStatusesResponse> UpdateTaskStatuses(UpdateTaskStatusesRequest request, ServerCallContext context) =>
        reports.UpdateTaskStatusesAsync(request, context.CancellationToken);

    public override Task<ReportSessionsResponse> ReportSessions(ReportSessionsRequest request, ServerCallContext context) => reports.ReportAsync(request, context.CancellationToken);

    public override Task<DescribeManagerResponse> DescribeManager(DescribeManagerRequest request, ServerCallContext context) => describer.DescribeAsync(context.CancellationToken);

    public override System.Threading.Tasks.Task ReadNodeLogs(ReadNodeLogsRequest request, IServerStreamWriter<LogBatch> responseStream, ServerCallContext context) =>
        logs.ServeAsync(request, responseStream, context.CancellationToken);
}
