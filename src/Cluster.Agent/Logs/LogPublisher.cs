using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Model.Specs;
using Microsoft.Extensions.Logging;

namespace Cluster.Agent.Logs;

/// <summary>The log requests of one session: one publication each, until it is done, the manager closes it, or the session ends.</summary>
internal sealed partial class LogPublisher(IContainerRuntime runtime, IDispatcherSession session, ILogger logger, CancellationToken ending)
{
    /// <summary>More at once are refused with an error in the answer.</summary>
    public const int Limit = 64;

    private readonly Dictionary<string, (CancellationTokenSource Closing, Task Task)> _publications = new(StringComparer.Ordinal);

    /// <summary>A request with an id that is active already is ignored.</summary>
    public void Start(ManagerMessage.LogRequest request)
    {
        DropEnded();
        if (_publications.ContainsKey(request.SubscriptionId)) return;
        CancellationTokenSource closing = CancellationTokenSource.CreateLinkedTokenSource(ending);
        bool isTooMany = _publications.Count >= Limit;
        Task task = Task.Run(() => PublishAsync(request, isTooMany, closing.Token), CancellationToken.None);
        _publications.Add(request.SubscriptionId, (closing, task));
    }

    public void Stop(string subscriptionId)
    {
        if (_publications.TryGetValue(subscriptionId, out (CancellationTokenSource Closing, Task Task) publication)) publication.Closing.Cancel();
    }

    /// <summary>After the session's token was cancelled: completes when nothing is published any more.</summary>
    public async Task DrainAsync()
    {
        await Task.WhenAll(_publications.Values.Select(publication => publication.Task));
        DropEnded();
    }

    private async Task PublishAsync(ManagerMessage.LogRequest request, bool isTooMany, CancellationToken ct)
    {
        try
        {
            IAsyncEnumerable<TaskLogLines> lines = isTooMany ? Refuse(request.TaskIds) : new TaskLogMerger(runtime, request).ReadAsync(ct);
            await session.PublishLogsAsync(request.SubscriptionId, lines, ct);
        }
        catch (OperationCanceledException)
        {
            // The manager wants no more, or the session has ended.
        }
        catch (Exception e) // the edge: a log that cannot be read must not end the session
        {
            LogNotPublished(logger, request.SubscriptionId, e.Message);
        }
    }

    private static async IAsyncEnumerable<TaskLogLines> Refuse(ValueList<Model.Ids.TaskId> taskIds)
    {
        foreach (Model.Ids.TaskId taskId in taskIds)
        {
            yield return new TaskLogLines(taskId, [], IsEnd: true, $"this node serves {Limit} log requests at once at most; try again later");
        }

        await Task.CompletedTask;
    }

    private void DropEnded()
    {
        foreach ((string id, (CancellationTokenSource closing, Task task)) in _publications.ToArray())
        {
            if (!task.IsCompleted) continue;
            closing.Dispose();
            _publications.Remove(id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "logs of subscription {SubscriptionId} could not be published: {Reason}")]
    private static partial void LogNotPublished(ILogger logger, string subscriptionId, string reason);
}
