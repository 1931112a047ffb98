using Cluster.Api.V1;
using Cluster.Manager.Leading;
using Cluster.Manager.Security;
using Cluster.Model.Ids;
using Grpc.Core;

namespace Cluster.Manager.Sessions;

/// <summary>What a manager tells the leader of the agents that it serves: over the network, or straight when it leads itself.</summary>
internal sealed class LeaderReports(LeaderCalls leader, NodeReports here, NodeId self)
{
    private readonly Metadata _headers = ForwardedCaller.ToHeaders(new Caller { NodeId = self });

    public Task<MarkNodeReadyResponse> MarkReadyAsync(MarkNodeReadyRequest request, CancellationToken ct) => leader.CallAsync(
        invoker => new Managers.ManagersClient(invoker).MarkNodeReadyAsync(request, Options(ct)), stop => here.MarkReadyAsync(request, stop), mayForward: true, ct);

    public Task<UpdateTaskStatusesResponse> UpdateTaskStatusesAsync(UpdateTaskStatusesRequest request, CancellationToken ct) => leader.CallAsync(
        invoker => new Managers.ManagersClient(invoker).UpdateTaskStatusesAsync(request, Options(ct)), stop => here.UpdateTaskStatusesAsync(request, stop), mayForward: true, ct);

    public Task<ReportSessionsResponse> ReportAsync(ReportSessionsRequest request, CancellationToken ct) => leader.CallAsync(
        invoker => new Managers.ManagersClient(invoker).ReportSessionsAsync(request, Options(ct)), stop => here.ReportAsync(request, stop), mayForward: true, ct);

    private CallOptions Options(CancellationToken ct) => new(_headers, cancellationToken: ct);
}
