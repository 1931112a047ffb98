using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Model.Ids;

namespace Cluster.Agent.Logs;

/// <summary>
/// The logs of several tasks as one sequence of batches. A batch ends when no further line is at hand, so that followers see lines at
/// once, or when it is large. Readers wait while the consumer does not take batches.
/// </summary>
internal sealed class TaskLogMerger(IContainerRuntime runtime, ManagerMessage.LogRequest request)
{
    private const int WaitingBatches = 16;
    private const int LongestBatch = 512;
    private const int LargestBatchBytes = 128 * 1024;

    public async IAsyncEnumerable<TaskLogLines> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Channel<TaskLogLines> batches = Channel.CreateBounded<TaskLogLines>(WaitingBatches);
        Task reading = ReadAllAsync(batches.Writer, ending.Token);
        try
        {
            await foreach (TaskLogLines batch in batches.Reader.ReadAllAsync(ct)) yield return batch;
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
        }
    }

    private async Task ReadAllAsync(ChannelWriter<TaskLogLines> to, CancellationToken ct)
    {
        try
        {
            await Task.WhenAll(request.TaskIds.Select(taskId => ReadTaskAsync(taskId, to, ct)));
            to.TryComplete();
        }
        catch (OperationCanceledException)
        {
            to.TryComplete();
        }
        catch (Exception e)
        {
            to.TryComplete(e);
        }
    }

    private async Task ReadTaskAsync(TaskId taskId, ChannelWriter<TaskLogLines> to, CancellationToken ct)
    {
        string? error = null;
        try
        {
            await CopyAsync(taskId, to, ct);
        }
        catch (RuntimeException e)
        {
            error = e.Message;
        }

        await to.WriteAsync(new TaskLogLines(taskId, [], IsEnd: true, error), ct);
    }

    private async Task CopyAsync(TaskId taskId, ChannelWriter<TaskLogLines> to, CancellationToken ct)
    {
        List<ContainerLogLine> batch = [];
        long bytes = 0;
        LogQuery query = new(request.Follow, request.Tail, request.Since);
        await using IAsyncEnumerator<ContainerLogLine> lines = runtime.ReadLogsAsync(taskId, query, ct).GetAsyncEnumerator(ct);
        while (true)
        {
            Task<bool> next = lines.MoveNextAsync().AsTask();
            if (batch.Count > 0 && (!next.IsCompleted || batch.Count >= LongestBatch || bytes >= LargestBatchBytes))
            {
                await to.WriteAsync(new TaskLogLines(taskId, batch, IsEnd: false, Error: null), ct);
                (batch, bytes) = ([], 0);
            }

            if (!await next) break;
            batch.Add(lines.Current);
            bytes += lines.Current.Data.Length;
        }

        if (batch.Count > 0) await to.WriteAsync(new TaskLogLines(taskId, batch, IsEnd: false, Error: null), ct);
    }
}
