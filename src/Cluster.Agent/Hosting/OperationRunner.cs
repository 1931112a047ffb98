using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Agent.Tasks;
using Cluster.Model.Ids;
using Microsoft.Extensions.Logging;

namespace Cluster.Agent.Hosting;

/// <summary>
/// Carries out the core's operations on runtime and networks, each as a task of its own, and posts how it ended. The loop starts and
/// cancels them; stopping cancels all and leaves containers as they are.
/// </summary>
internal sealed partial class OperationRunner(AgentHostOptions options, Func<AgentEvent, CancellationToken, Task> post, CancellationToken stopping)
{
    private readonly Dictionary<long, (CancellationTokenSource Cancelling, Task Task)> _running = [];
    private Task _reconciling = Task.CompletedTask;

    public void Start(AgentEffect.StartOperation start)
    {
        CancellationTokenSource cancelling = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task task = Task.Run(() => RunAsync(start, cancelling.Token), CancellationToken.None);
        _running.Add(start.OperationId, (cancelling, task));
    }

    public void Cancel(long operationId)
    {
        if (_running.TryGetValue(operationId, out (CancellationTokenSource Cancelling, Task Task) operation)) operation.Cancelling.Cancel();
    }

    /// <summary>The loop has read how the operation ended.</summary>
    public void Ended(long operationId)
    {
        if (_running.Remove(operationId, out (CancellationTokenSource Cancelling, Task Task) operation)) operation.Cancelling.Dispose();
    }

    public void Reconcile(IReadOnlyList<NetworkRequest> wanted) => _reconciling = Task.Run(() => ReconcileAsync(wanted), CancellationToken.None);

    /// <summary>After the token was cancelled: completes when nothing runs any more.</summary>
    public async Task DrainAsync()
    {
        await Task.WhenAll(_running.Values.Select(operation => operation.Task).Append(_reconciling));
        foreach ((CancellationTokenSource cancelling, _) in _running.Values) cancelling.Dispose();
        _running.Clear();
    }

    private async Task RunAsync(AgentEffect.StartOperation start, CancellationToken ct)
    {
        OperationOutcome outcome;
        try
        {
            outcome = await PerformAsync(start.TaskId, start.Operation, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            outcome = OperationOutcome.Cancelled.Instance;
        }
        catch (RuntimeException e)
        {
            LogFailed(options.Logger, start.Operation.GetType().Name, start.TaskId, e.IsTemporary, e.Message);
            outcome = new OperationOutcome.Failed(e.Message, e.IsTemporary);
        }
        catch (Exception e) // the edge: a mistake in a runtime must not end the agent
        {
            LogBroken(options.Logger, e, start.Operation.GetType().Name, start.TaskId);
            outcome = new OperationOutcome.Failed($"{e.GetType().Name}: {e.Message}", IsTemporary: true);
        }

        await PostAsync(new AgentEvent.OperationEnded(start.TaskId, start.OperationId, outcome));
    }

    private async Task<OperationOutcome> PerformAsync(TaskId taskId, TaskOperation operation, CancellationToken ct)
    {
        switch (operation)
        {
            case TaskOperation.Prepare prepare:
                NetworkSandbox network = await options.Networks.AttachAsync(prepare.Network, ct);
                await options.Runtime.PrepareAsync(prepare.Plan.In(network), ct);
                break;
            case TaskOperation.Start:
                return new OperationOutcome.Started(await options.Runtime.StartAsync(taskId, ct));
            case TaskOperation.Wait:
                return new OperationOutcome.Exited(await options.Runtime.WaitAsync(taskId, ct));
            case TaskOperation.Stop stop:
                await options.Runtime.StopAsync(taskId, stop.Options, ct);
                break;
            case TaskOperation.Remove:
                await options.Runtime.RemoveAsync(taskId, ct);
                await options.Networks.DetachAsync(taskId, ct);
                break;
            case TaskOperation.Purge:
                await options.Runtime.RemoveLogsAsync(taskId, ct);
                break;
        }

        return OperationOutcome.Succeeded.Instance;
    }

    private async Task ReconcileAsync(IReadOnlyList<NetworkRequest> wanted)
    {
        string? error = null;
        try
        {
            await options.Networks.ReconcileAsync(wanted, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            LogNotReconciled(options.Logger, e);
            error = e.Message;
        }

        await PostAsync(new AgentEvent.NetworksReconciled(error));
    }

    private async Task PostAsync(AgentEvent happened)
    {
        try
        {
            await post(happened, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop has ended; what happened is found out again after the next start.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Operation} of task {TaskId} failed (temporary: {IsTemporary}): {Reason}")]
    private static partial void LogFailed(ILogger logger, string operation, TaskId taskId, bool isTemporary, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Operation} of task {TaskId} failed in a way that was not foreseen; it is tried again")]
    private static partial void LogBroken(ILogger logger, Exception exception, string operation, TaskId taskId);

    [LoggerMessage(Level = LogLevel.Error, Message = "the node's networks could not be reconciled; it is tried again")]
    private static partial void LogNotReconciled(ILogger logger, Exception exception);
}
