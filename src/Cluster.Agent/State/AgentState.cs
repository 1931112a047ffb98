using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.State;

/// <summary>What the agent remembers over its restart.</summary>
/// <param name="Incarnation">Of the cluster's state that the assignments are from; 0 when there are none yet.</param>
/// <param name="Version">The store's version that the assignments are from.</param>
/// <param name="Tasks">In the order of ids.</param>
public sealed record AgentState(ulong Incarnation, ulong Version, ImmutableArray<StoredTask> Tasks)
{
    public static readonly AgentState Empty = new(0, 0, []);
}

/// <param name="IsCleared">The container and its network were removed after the task had ended; at most its logs are left.</param>
public sealed record StoredTask(TaskAssignment Assignment, TaskStatus Status, bool IsCleared);

/// <summary>A step from one <see cref="AgentState"/> to the next.</summary>
public abstract record AgentStateChange
{
    private AgentStateChange()
    {
    }

    public sealed record Position(ulong Incarnation, ulong Version) : AgentStateChange;

    /// <summary>Adds the task, in the state New, or replaces its assignment.</summary>
    public sealed record PutAssignment(TaskAssignment Assignment) : AgentStateChange;

    /// <summary>Of a task that is there.</summary>
    public sealed record PutStatus(TaskId TaskId, TaskStatus Status, bool IsCleared) : AgentStateChange;

    public sealed record RemoveTask(TaskId TaskId) : AgentStateChange;
}
