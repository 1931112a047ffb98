using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Dispatch;
using Cluster.Manager.Hosting;
using Cluster.Manager.Services;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using TaskStatusUpdate = Cluster.Control.Dispatch.TaskStatusUpdate;

namespace Cluster.Manager.Sessions;

/// <summary>What is heard of agents, taken in by the manager that leads. Answered when it is committed.</summary>
internal sealed class NodeReports(ControlThread control, LeaderLiveness liveness, LeaderClocks clocks, TimeProvider timeProvider)
{
    /// <summary>The node is ready and is what it says it is.</summary>
    public Task<MarkNodeReadyResponse> MarkReadyAsync(MarkNodeReadyRequest request, CancellationToken ct) => Replies.Of(async () =>
    {
        NodeId node = ReadNode(request.NodeId);
        SessionState session = request.Session ?? throw Replies.Refused(RefusalKind.Invalid, "session: missing");

        // Counts before the node's row says Ready.
        await control.PostAsync(() => Heard(node, session), ct);
        Model.Objects.NodeDescription description = request.Description?.ToModel() ?? new();
        (await control.SubmitAsync($"node:{node}", tx => NodeStatusUpdates.MarkReady(tx, node, description, request.Address), ct)).OrThrow();
        return new MarkNodeReadyResponse { Version = control.Committed.Current.Version };
    });

    public Task<UpdateTaskStatusesResponse> UpdateTaskStatusesAsync(UpdateTaskStatusesRequest request, CancellationToken ct) => Replies.Of(async () =>
    {
        NodeId node = ReadNode(request.NodeId);
        foreach (TaskStatusUpdate[] part in request.Updates.Select(ReadUpdate).Chunk(StatusUpdates.MaxBatch))
        {
            (await control.SubmitAsync<StatusUpdateResult>($"node:{node}", tx => StatusUpdates.Apply(tx, node, part), ct)).OrThrow();
        }

        return new UpdateTaskStatusesResponse();
    });

    public Task<ReportSessionsResponse> ReportAsync(ReportSessionsRequest request, CancellationToken ct) => Replies.Of(async () =>
    {
        TimeSpan managersSkew = WallClocks.Ahead(request.WallClockTicks, timeProvider) ?? TimeSpan.Zero;
        List<(NodeId Node, SessionState Session, TimeSpan? Skew)> sessions =
            [.. request.Sessions.Select(session => (ReadNode(session.NodeId), session, session.HasClockSkewTicks ? WallClocks.CheckedSkew(session.ClockSkewTicks) + managersSkew : (TimeSpan?)null))];
        TaskCompletionSource<ReportSessionsResponse> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await control.PostAsync(
            () =>
            {
                foreach ((NodeId node, _, TimeSpan? skew) in sessions)
                    if (skew is { } ahead) clocks.Heard(node, ahead);
                answer.SetResult(new ReportSessionsResponse { EndedNodeIds = { sessions.Where(s => Heard(s.Node, s.Session)).Select(s => s.Session.NodeId) } });
            },
            ct);
        return await answer.Task.WaitAsync(ct);
    });

    private bool Heard(NodeId node, SessionState session) => liveness.Heard(
        node, session.Epoch, new TimeSpan(Math.Max(0, session.HeartbeatPeriodTicks)), new TimeSpan(Math.Max(0, session.AgeTicks)));

    private static NodeId ReadNode(string text) =>
        NodeId.TryParse(text, out NodeId id) && !id.IsNone ? id : throw Replies.Refused(RefusalKind.Invalid, $"node_id: '{text}' is not an id");

    private static TaskStatusUpdate ReadUpdate(Api.V1.TaskStatusUpdate update) =>
        TaskId.TryParse(update.TaskId, out TaskId id) && !id.IsNone && update.Status is { } status
            ? new TaskStatusUpdate(id, status.ToModel())
            : throw Replies.Refused(RefusalKind.Invalid, $"statuses: '{update.TaskId}' is not a task id, or its status is missing");
}
