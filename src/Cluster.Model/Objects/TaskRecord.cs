using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Model.Objects;

public sealed record TaskRecord
{
    public required TaskId Id { get; init; }

    public ObjectMeta Meta { get; init; }

    public required ServiceId ServiceId { get; init; }

    /// <summary>From 1 in replicated services; 0 in global ones, where the node is the slot.</summary>
    public int Slot { get; init; }

    public required TemplateId Template { get; init; }

    /// <summary>None until scheduled (global tasks: set at once); never changes after that.</summary>
    public NodeId NodeId { get; init; }

    public TaskState DesiredState { get; init; } = TaskState.Running;

    public TaskStatus Status { get; init; } = TaskStatus.New;

    /// <summary>When a replacement with the desired state Ready may be raised to Running; none for tasks without delay.</summary>
    public ClusterTime StartAfter { get; init; }

    /// <summary>The host-mode ports that were given to the task, in the order of the template's host-mode ports.</summary>
    public ValueList<HostPort> HostPorts { get; init; } = [];
}

public sealed record TaskStatus
{
    public static readonly TaskStatus New = new();

    public TaskState State { get; init; } = TaskState.New;

    public ClusterTime Since { get; init; }

    /// <summary>What is going on, such as <c>started</c>.</summary>
    public string Message { get; init; } = "";

    /// <summary>Why it is not going on: the scheduler's refusal or the agent's error.</summary>
    public string Error { get; init; } = "";

    /// <summary>Null until the container has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The container's first process on its host; 0 unless it runs.</summary>
    public int Pid { get; init; }
}

/// <summary>A port of a node that is given to a task.</summary>
public readonly record struct HostPort(PortProtocol Protocol, int TargetPort, int PublishedPort);
