using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Model.Objects;

/// <summary>All that the agent needs to run one task, as a manager assigned it.</summary>
public sealed record TaskAssignment
{
    public required TaskId TaskId { get; init; }

    public required ServiceId ServiceId { get; init; }

    public required string ServiceName { get; init; }

    public Labels ServiceLabels { get; init; } = Labels.Empty;

    public int Slot { get; init; }

    public required TaskTemplate Template { get; init; }

    public TaskState DesiredState { get; init; } = TaskState.Running;

    /// <summary>The state that the managers know; an agent that lost its own state never goes below it.</summary>
    public TaskState ObservedState { get; init; } = TaskState.Assigned;

    public ValueList<HostPort> HostPorts { get; init; } = [];
}
