using Cluster.Model.Ids;

namespace Cluster.Agent.Runtime;

/// <summary>
/// Runs tasks as containers. One operation per task at a time; every operation is idempotent, so that it can be repeated after a
/// restart of the agent in the middle of it. A <see cref="RuntimeException"/> says whether it is the task's fault (it will be
/// rejected) or may pass (it will be tried again). Containers outlive the process that started them.
/// </summary>
public interface IContainerRuntime
{
    /// <summary>Makes everything up to a container that can be started: image, mounts, snapshot, log files, task.</summary>
    Task PrepareAsync(ContainerPlan plan, CancellationToken ct);

    /// <summary>Starts the prepared container and gives the pid of its first process; a running one: its pid.</summary>
    Task<int> StartAsync(TaskId taskId, CancellationToken ct);

    /// <summary>Completes when the container's first process has ended, at once when it ended before.</summary>
    Task<ContainerExit> WaitAsync(TaskId taskId, CancellationToken ct);

    /// <summary>Sends the signal, after the grace SIGKILL, and completes when the process has ended. Nothing to stop is success.</summary>
    Task StopAsync(TaskId taskId, StopOptions options, CancellationToken ct);

    /// <summary>Removes container, snapshot, mounts and cgroup, but keeps the logs. Kills what still runs. Nothing there is success.</summary>
    Task RemoveAsync(TaskId taskId, CancellationToken ct);

    /// <summary>Removes the task's logs and anonymous volumes, the last that is left of it.</summary>
    Task RemoveLogsAsync(TaskId taskId, CancellationToken ct);

    /// <summary>Every task that has anything on this machine (container, mount, snapshot, logs), for adoption and cleaning up.</summary>
    Task<IReadOnlyList<RuntimeTask>> ListAsync(CancellationToken ct);

    /// <summary>The lines of the task's log, oldest first; with <see cref="LogQuery.Follow"/> until the task's container is removed.</summary>
    IAsyncEnumerable<ContainerLogLine> ReadLogsAsync(TaskId taskId, LogQuery query, CancellationToken ct);
}
