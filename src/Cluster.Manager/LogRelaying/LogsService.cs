using System.Threading.Channels;
using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;
using TaskState = Cluster.Model.States.TaskState;

namespace Cluster.Manager.LogRelaying;

/// <summary>
/// The logs of a service or a task. What cannot be had (a node that is down) is noted in the answer, which goes on with the rest.
/// With follow, tasks that come later are followed too.
/// </summary>
internal sealed class LogsService(NodeLogs logs, Observed<StoreSnapshot> committed) : Logs.LogsBase
{
    private const int MaxQueuedBatches = 64;

    public override async Task SubscribeLogs(SubscribeLogsRequest request, IServerStreamWriter<LogBatch> responseStream, ServerCallContext context)
    {
        using CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        Channel<LogBatch> batches = Channel.CreateBounded<LogBatch>(MaxQueuedBatches);
        Func<StoreView, IEnumerable<TaskRecord>> select = Selection(request, committed.Current);
        Task collecting = CollectAsync(request, select, batches.Writer, stopping.Token);
        try
        {
            await foreach (LogBatch batch in batches.Reader.ReadAllAsync(context.CancellationToken)) await responseStream.WriteAsync(batch, context.CancellationToken);
        }
        finally
        {
            await stopping.CancelAsync();
            await collecting;
        }
    }

    private static Func<StoreView, IEnumerable<TaskRecord>> Selection(SubscribeLogsRequest request, StoreView view)
    {
        if ((request.ServiceId.Length == 0) == (request.TaskId.Length == 0)) throw Invalid("give either service_id or task_id");
        if (request.TaskId.Length > 0)
        {
            if (!TaskId.TryParse(request.TaskId, out TaskId taskId) || view.GetTask(taskId) is null) throw NotFound($"task {request.TaskId} not found");
            return v => v.GetTask(taskId) is { } task ? [task] : [];
        }

        if (!ServiceId.TryParse(request.ServiceId, out ServiceId serviceId) || view.GetService(serviceId) is null) throw NotFound($"service {request.ServiceId} not found");
        return v => v.TasksOfService(serviceId);
    }

    /// <summary>Never throws; ends when there is nothing more to come.</summary>
    private async Task CollectAsync(SubscribeLogsRequest request, Func<StoreView, IEnumerable<TaskRecord>> select, ChannelWriter<LogBatch> batches, CancellationToken ct)
    {
        HashSet<TaskId> known = [];
        List<Task> pumps = [];
        try
        {
            while (true)
            {
                Task next = committed.NextAsync(ct);
                var fresh = select(committed.Current).Where(task => HasLogs(task) && known.Add(task.Id)).GroupBy(task => task.NodeId).OrderBy(group => group.Key);
                foreach (var node in fresh) pumps.Add(PumpAsync(request, node.Key, [.. node.Select(task => task.Id)], batches, ct));
                if (!request.Follow || request.TaskId.Length > 0) break;
                await next;
            }

            await Task.WhenAll(pumps);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone; the pumps see the same token.
        }

        await Task.WhenAll(pumps);
        batches.TryComplete();
    }

    private async Task PumpAsync(SubscribeLogsRequest request, NodeId nodeId, IReadOnlyList<TaskId> tasks, ChannelWriter<LogBatch> batches, CancellationToken ct)
    {
        ReadNodeLogsRequest nodes = new() { NodeId = nodeId.ToString(), Follow = request.Follow, Tail = request.Tail, SinceTicks = request.SinceTicks };
        nodes.TaskIds.Add(tasks.Select(task => task.ToString()));
        try
        {
            await foreach (LogBatch batch in logs.ReadAsync(nodes, ct)) await batches.WriteAsync(batch, ct);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone.
        }
        catch (RpcException e)
        {
            if (!ct.IsCancellationRequested) batches.TryWrite(new LogBatch { Notes = { $"the logs of node {nodeId} broke off: {e.Status.Detail}" } });
        }
    }

    private static bool HasLogs(TaskRecord task) => !task.NodeId.IsNone && task.Status.State >= TaskState.Starting && task.Status.State != TaskState.Orphaned;

    private static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));

    private static RpcException NotFound(string message) => new(new Status(StatusCode.NotFound, message));
}
