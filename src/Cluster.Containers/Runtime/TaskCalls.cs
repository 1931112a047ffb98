using Cluster.Agent.Runtime;
using Cluster.Containers.Containerd;
using Cluster.Containers.Spec;
using Cluster.Containers.Wire.Tasks;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Status = Cluster.Containers.Wire.Tasks.Status;

namespace Cluster.Containers.Runtime;

/// <summary>containerd's tasks, with answers instead of errors for what is expected. Errors of the connection pass through as RpcException.</summary>
internal sealed class TaskCalls(ContainerdClient client)
{
    /// <summary>Null when there is no such task.</summary>
    public async Task<Process?> GetAsync(string id, CancellationToken ct)
    {
        try
        {
            return (await client.Tasks.GetAsync(new GetRequest { ContainerId = id }, cancellationToken: ct)).Process;
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            return null;
        }
    }

    /// <summary>False when there was nothing to signal any more.</summary>
    public async Task<bool> KillAsync(string id, uint signal, bool all, CancellationToken ct)
    {
        try
        {
            await client.Tasks.KillAsync(new KillRequest { ContainerId = id, Signal = signal, All = all }, cancellationToken: ct);
            return true;
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e) || IsEnded(e))
        {
            return false;
        }
    }

    /// <summary>Null when there is no such task.</summary>
    public async Task<WaitResponse?> WaitAsync(string id, CancellationToken ct)
    {
        try
        {
            return await client.Tasks.WaitAsync(new WaitRequest { ContainerId = id }, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            return null;
        }
    }

    /// <summary>Ends what still runs in the container and deletes the task with its shim, mount and cgroup.</summary>
    public async Task RemoveAsync(string id, CancellationToken ct)
    {
        if (await GetAsync(id, ct) is not { } process) return;
        if (process.Status != Status.Stopped)
        {
            await KillAsync(id, Signals.Kill, all: true, ct);
            await WaitAsync(id, ct);
        }

        try
        {
            await client.Tasks.DeleteAsync(new DeleteTaskRequest { ContainerId = id }, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            // Another removal was faster.
        }
    }

    public async Task<IReadOnlyList<Process>> ListAsync(CancellationToken ct) =>
        (await client.Tasks.ListAsync(new ListTasksRequest(), cancellationToken: ct)).Tasks;

    public static RuntimeTaskState StateOf(Status status) => status switch
    {
        Status.Created => RuntimeTaskState.Created,
        Status.Running or Status.Paused or Status.Pausing => RuntimeTaskState.Running,
        Status.Stopped => RuntimeTaskState.Stopped,
        _ => RuntimeTaskState.Absent,
    };

    public static DateTimeOffset TimeOf(Timestamp? at, TimeProvider timeProvider) =>
        at is { Seconds: > 0 } ? at.ToDateTimeOffset() : timeProvider.GetUtcNow();

    /// <summary>How shim and runc say that the process had ended before the signal came.</summary>
    private static bool IsEnded(RpcException e) =>
        e.StatusCode is StatusCode.FailedPrecondition
        || e.Status.Detail.Contains("process already finished", StringComparison.Ordinal)
        || e.Status.Detail.Contains("container not running", StringComparison.Ordinal)
        || e.Status.Detail.Contains("no such process", StringComparison.Ordinal);
}
