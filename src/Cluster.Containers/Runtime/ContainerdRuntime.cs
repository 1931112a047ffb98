using System.Runtime.CompilerServices;
using Cluster.Agent.Runtime;
using Cluster.Containers.Containerd;
using Cluster.Containers.Files;
using Cluster.Containers.Logs;
using Cluster.Containers.Mounts;
using Cluster.Containers.Spec;
using Cluster.Containers.Wire.Containers;
using Cluster.Containers.Wire.Leases;
using Cluster.Containers.Wire.Snapshots;
using Cluster.Containers.Wire.Tasks;
using Cluster.Model.Ids;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Status = Cluster.Containers.Wire.Tasks.Status;

namespace Cluster.Containers.Runtime;

/// <summary>
/// <see cref="IContainerRuntime"/> on containerd. Keeps nothing in memory that it needs: containers, snapshots, leases and files are found
/// again by the task's id. Safe for use by any thread, with one operation per task at a time.
/// </summary>
internal sealed partial class ContainerdRuntime(
    ContainerdClient client, ContainerMaker maker, TaskCalls tasks, TaskInventory inventory, VolumeStore volumes, TaskFiles files, LogKeeper logs,
    Cgroups cgroups, int parallelStarts, TimeProvider timeProvider, ILogger<ContainerdRuntime> logger) : IContainerRuntime, IDisposable
{
    /// <summary>What Docker reports of a process that was ended by SIGKILL: all that is known when the record of its end is lost.</summary>
    private const int KilledExitCode = 137;

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _starts = new(parallelStarts, parallelStarts);

    public Task PrepareAsync(ContainerPlan plan, CancellationToken ct) => GuardAsync("prepare a container", async () =>
    {
        if (await tasks.GetAsync(plan.TaskId.ToString(), ct) is not null) return true;
        await _starts.WaitAsync(ct);
        try
        {
            await maker.MakeAsync(plan, ct);
            return true;
        }
        finally
        {
            _starts.Release();
        }
    }, ct);

    public Task<int> StartAsync(TaskId taskId, CancellationToken ct) => GuardAsync("start a container", async () =>
    {
        string id = taskId.ToString();
        Process process = await tasks.GetAsync(id, ct) ?? throw new RuntimeException("the prepared container is gone: it must be prepared again", IsTemporary: false);
        if (process.Status != Status.Created) return (int)process.Pid;
        await _starts.WaitAsync(ct);
        try
        {
            using LingeringToken lingering = new(timeProvider, ct);
            StartResponse started = await client.Tasks.StartAsync(new StartRequest { ContainerId = id }, cancellationToken: lingering.Token);
            return (int)started.Pid;
        }
        finally
        {
            _starts.Release();
        }
    }, ct);

    /// <summary>Goes on waiting while containerd restarts.</summary>
    public async Task<ContainerExit> WaitAsync(TaskId taskId, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                WaitResponse? ended = await tasks.WaitAsync(taskId.ToString(), ct);
                if (ended is not null)
                {
                    DateTimeOffset at = TaskCalls.TimeOf(ended.ExitedAt, timeProvider);
                    return new ContainerExit((int)ended.ExitStatus, at, cgroups.WasOutOfMemory(taskId));
                }

                LogRecordLost(taskId);
                return new ContainerExit(KilledExitCode, timeProvider.GetUtcNow(), OutOfMemory: false);
            }
            catch (RpcException e) when (!ct.IsCancellationRequested && ContainerdFailure.IsUnavailable(e))
            {
                await Task.Delay(RetryPeriod, timeProvider, ct);
            }
            catch (RpcException e)
            {
                ct.ThrowIfCancellationRequested();
                throw ContainerdFailure.Of("wait for a container", e);
            }
        }
    }

    public Task StopAsync(TaskId taskId, StopOptions options, CancellationToken ct) => GuardAsync("stop a container", async () =>
    {
        string id = taskId.ToString();
        Process? process = await tasks.GetAsync(id, ct);
        if (process is null || process.Status == Status.Stopped) return true;
        using CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task<WaitResponse?> ended = tasks.WaitAsync(id, leaving.Token);
        try
        {
            // Before it is started there is nobody to take a signal kindly.
            bool isAsked = process.Status != Status.Created && await AskToEndAsync(id, options, ct);
            if (isAsked && await Task.WhenAny(ended, Task.Delay(options.Grace, timeProvider, leaving.Token)) == ended) return true;
            ct.ThrowIfCancellationRequested();
            await tasks.KillAsync(id, Signals.Kill, all: true, ct);
            await ended;
            return true;
        }
        finally
        {
            await leaving.CancelAsync();
        }
    }, ct);

    public Task RemoveAsync(TaskId taskId, CancellationToken ct) => GuardAsync("remove a container", async () =>
    {
        string id = taskId.ToString();
        LogPolicy logPolicy = await LogPolicyAsync(id, ct) ?? LogPolicy.Default;
        await tasks.RemoveAsync(id, ct);
        logs.Complete(taskId, logPolicy);
        await IgnoreMissingAsync(client.Containers.DeleteAsync(new DeleteContainerRequest { Id = id }, cancellationToken: ct).ResponseAsync);
        RemoveSnapshotRequest snapshot = new() { Snapshotter = ContainerdClient.Snapshotter, Key = id };
        await IgnoreMissingAsync(client.Snapshots.RemoveAsync(snapshot, cancellationToken: ct).ResponseAsync);
        await IgnoreMissingAsync(client.Leases.DeleteAsync(new DeleteRequest { Id = ContainerMaker.LeasePrefix + id }, cancellationToken: ct).ResponseAsync);
        files.Remove(taskId);
        cgroups.Remove(taskId);
        return true;
    }, ct);

    public Task RemoveLogsAsync(TaskId taskId, CancellationToken ct) => GuardAsync("remove a task's logs", () =>
    {
        logs.Remove(taskId);
        volumes.RemoveAnonymous(taskId);
        return Task.FromResult(true);
    }, ct);

    public Task<IReadOnlyList<RuntimeTask>> ListAsync(CancellationToken ct) => GuardAsync("list containers", () => inventory.ListAsync(ct), ct);

    public async IAsyncEnumerable<ContainerLogLine> ReadLogsAsync(TaskId taskId, LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        LogReader reader = new(logs.Files(taskId), () => logs.Running(taskId));
        await foreach (ContainerLogLine line in reader.ReadAsync(query, ct)) yield return line;
    }

    /// <summary>Takes up the logs of the containers that outlived the last agent.</summary>
    public Task AdoptLogsAsync(CancellationToken ct) => GuardAsync("adopt the logs of containers", async () =>
    {
        foreach (Container container in await inventory.ContainersAsync(ct))
        {
            if (TaskId.TryParse(container.Id, out TaskId taskId) && !taskId.IsNone && LogPolicyOf(container) is { } policy) logs.Attach(taskId, policy);
        }

        return true;
    }, ct);

    public void Dispose() => _starts.Dispose();

    private async Task<bool> AskToEndAsync(string id, StopOptions options, CancellationToken ct)
    {
        string? signal = options.Signal;
        if (string.IsNullOrEmpty(signal) && await ContainerAsync(id, ct) is { } container) signal = container.Labels.GetValueOrDefault(ContainerLabels.StopSignal);
        return await tasks.KillAsync(id, SignalOrTerminate(signal), all: false, ct);
    }

    /// <summary>An image can name what is no signal; its container must be stoppable all the same.</summary>
    private static uint SignalOrTerminate(string? signal)
    {
        try
        {
            return Signals.Parse(signal);
        }
        catch (RuntimeException)
        {
            return Signals.Terminate;
        }
    }

    private async Task<LogPolicy?> LogPolicyAsync(string id, CancellationToken ct) =>
        await ContainerAsync(id, ct) is { } container ? LogPolicyOf(container) : null;

    private async Task<Container?> ContainerAsync(string id, CancellationToken ct)
    {
        try
        {
            return (await client.Containers.GetAsync(new GetContainerRequest { Id = id }, cancellationToken: ct)).Container;
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            return null;
        }
    }

    private static LogPolicy? LogPolicyOf(Container container) =>
        long.TryParse(container.Labels.GetValueOrDefault(ContainerLabels.LogSegmentBytes), out long segment)
        && long.TryParse(container.Labels.GetValueOrDefault(ContainerLabels.LogTotalBytes), out long total) ? new LogPolicy(segment, total) : null;

    private static async Task IgnoreMissingAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            // Gone already.
        }
    }

    /// <summary>The edge: what comes out is a RuntimeException that says whose fault it is, or a cancellation.</summary>
    private static async Task<T> GuardAsync<T>(string operation, Func<Task<T>> body, CancellationToken ct)
    {
        try
        {
            return await body();
        }
        catch (RpcException e)
        {
            ct.ThrowIfCancellationRequested();
            throw ContainerdFailure.Of(operation, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException($"{operation}: {e.Message}", IsTemporary: true, e);
        }
    }
}
