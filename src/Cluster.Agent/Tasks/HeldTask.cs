using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.Tasks;

/// <summary>How much of a task this machine holds, as far as the agent knows.</summary>
internal enum Footprint
{
    /// <summary>Nothing was ever made.</summary>
    None,

    /// <summary>Some of network, container and mounts may be there.</summary>
    Partial,

    /// <summary>Network and container are there; the process was not seen to run.</summary>
    Prepared,

    /// <summary>The process runs, or has ended without the agent knowing how.</summary>
    Started,

    /// <summary>The process has ended; container and network are still there.</summary>
    Ended,

    /// <summary>At most logs are left.</summary>
    Cleared,
}

/// <summary>
/// One task on this node: the mutable data that <see cref="TaskMachine"/> works on, and nothing else does. Lives from its assignment
/// (or from being found on the machine) until nothing is left of it.
/// </summary>
internal sealed class HeldTask(TaskId id, TaskAssignment? assignment, TaskStatus status)
{
    public TaskId Id { get; } = id;

    /// <summary>The last one known; null for what was found on the machine and belongs to no assignment.</summary>
    public TaskAssignment? Assignment { get; set; } = assignment;

    /// <summary>No manager wants it here any more: it ends, is removed with its logs, and nobody is told.</summary>
    public bool IsLeaving { get; set; }

    public TaskStatus Status { get; set; } = status;

    public Footprint Footprint { get; set; }

    /// <summary>A process may be alive: it is stopped gracefully before the container is removed.</summary>
    public bool MayRun { get; set; }

    /// <summary>Set once and for good when the task has to end, for whatever reason.</summary>
    public bool IsEnding { get; set; }

    /// <summary>It was asked to stop: however it ended, that is why.</summary>
    public bool IsStopped { get; set; }

    public RunningOperation? Operation { get; set; }

    /// <summary>Failures of the same operation in a row.</summary>
    public int Failures { get; set; }

    /// <summary>No operation starts before.</summary>
    public ClusterTime NotBefore { get; set; }

    /// <summary>Waits in a gate.</summary>
    public bool IsQueued { get; set; }

    public bool IsTerminal => Status.State.IsTerminal();

    public bool IsWantedToRun => !IsLeaving && Assignment is { DesiredState: < TaskState.Shutdown };
}

internal sealed record RunningOperation(long Id, TaskOperation Kind)
{
    public bool IsCancelling { get; init; }
}
