using System.Runtime.CompilerServices;
using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Manager.Peers;
using Cluster.Manager.Services;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.LogRelaying;

/// <summary>The logs of tasks of one node, from its agent: over its session here, or through the manager that has it. Any thread.</summary>
internal sealed class NodeLogs(LogBroker broker, Observed<StoreSnapshot> committed, ManagerChannels channels, NodeId self)
{
    /// <summary>Ends with a note where nobody has a session with the node.</summary>
    public async IAsyncEnumerable<LogBatch> ReadAsync(ReadNodeLogsRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        if (Open(request) is { } here)
        {
            await foreach (LogBatch batch in ReadAsync(here, ct)) yield return batch;
            yield break;
        }

        StoreSnapshot view = committed.Current;
        foreach (NodeRecord manager in view.Nodes.Where(node => node.Manager is not null && node.Id != self))
        {
            using AsyncServerStreamingCall<LogBatch> call = new Managers.ManagersClient(channels.To(manager.Manager!.Address)).ReadNodeLogs(request, cancellationToken: ct);
            bool isThere = false;
            while (await NextAsync(call, isThere, ct) is { } batch)
            {
                isThere = true;
                yield return batch;
            }

            if (isThere) yield break;
        }

        NodeId id = NodeId.TryParse(request.NodeId, out NodeId parsed) ? parsed : default;
        string host = view.GetNode(id)?.Description.Hostname ?? "(removed)";
        yield return new LogBatch { Notes = { $"node {host} ({id}) is not connected: the logs of {request.TaskIds.Count} of its tasks are missing" } };
    }

    /// <summary>For another manager: only from a session here. The first batch, empty, says that there is one.</summary>
    public async Task ServeAsync(ReadNodeLogsRequest request, IServerStreamWriter<LogBatch> responses, CancellationToken ct)
    {
        LogSubscription subscription = Open(request) ?? throw new RpcException(new Status(StatusCode.NotFound, "the node has no session here"));
        await responses.WriteAsync(new LogBatch(), ct);
        await foreach (LogBatch batch in ReadAsync(subscription, ct)) await responses.WriteAsync(batch, ct);
    }

    private LogSubscription? Open(ReadNodeLogsRequest request)
    {
        if (!NodeId.TryParse(request.NodeId, out NodeId node)) throw Replies.Refused(Model.RefusalKind.Invalid, $"node_id: '{request.NodeId}' is not an id");
        List<TaskId> tasks = [];
        foreach (string text in request.TaskIds) tasks.Add(TaskId.TryParse(text, out TaskId task) ? task : throw Replies.Refused(Model.RefusalKind.Invalid, $"task_ids: '{text}' is not an id"));
        return broker.Open(node, tasks, request.Follow, request.Tail, request.SinceTicks);
    }

    private async IAsyncEnumerable<LogBatch> ReadAsync(LogSubscription subscription, [EnumeratorCancellation] CancellationToken ct)
    {
        try
        {
            await foreach (LogPublication publication in subscription.Publications.Reader.ReadAllAsync(ct))
            {
                LogBatch batch = new() { Lines = { publication.Lines } };
                if (publication.Error.Length > 0) batch.Notes.Add(publication.Error);
                yield return batch;
            }
        }
        finally
        {
            broker.Close(subscription);
        }
    }

    /// <summary>Null at the end, and when this manager has nothing to give or does not answer.</summary>
    private static async Task<LogBatch?> NextAsync(AsyncServerStreamingCall<LogBatch> call, bool hasBegun, CancellationToken ct)
    {
        try
        {
            return await call.ResponseStream.MoveNext(ct) ? call.ResponseStream.Current : null;
        }
        catch (RpcException) when (!hasBegun && !ct.IsCancellationRequested)
        {
            return null;
        }
    }
}
