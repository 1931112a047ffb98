using Cluster.Model.Ids;
using Cluster.Model.Objects;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.State;

/// <summary>An <see cref="AgentState"/> that changes are applied to. A change of the status of a task that is not there is ignored.</summary>
public sealed class AgentStateBuilder
{
    private readonly SortedDictionary<TaskId, StoredTask> _tasks = [];
    private ulong _incarnation;
    private ulong _version;

    public AgentStateBuilder()
    {
    }

    public AgentStateBuilder(AgentState state)
    {
        (_incarnation, _version) = (state.Incarnation, state.Version);
        foreach (StoredTask task in state.Tasks) _tasks.Add(task.Assignment.TaskId, task);
    }

    public int Count => _tasks.Count;

    public void Apply(AgentStateChange change)
    {
        switch (change)
        {
            case AgentStateChange.Position position:
                (_incarnation, _version) = (position.Incarnation, position.Version);
                break;
            case AgentStateChange.PutAssignment put:
                _tasks[put.Assignment.TaskId] = _tasks.TryGetValue(put.Assignment.TaskId, out StoredTask? known)
                    ? known with { Assignment = put.Assignment }
                    : new StoredTask(put.Assignment, TaskStatus.New, IsCleared: false);
                break;
            case AgentStateChange.PutStatus put when _tasks.TryGetValue(put.TaskId, out StoredTask? task):
                _tasks[put.TaskId] = task with { Status = put.Status, IsCleared = put.IsCleared };
                break;
            case AgentStateChange.RemoveTask remove:
                _tasks.Remove(remove.TaskId);
                break;
        }
    }

    public AgentState Build() => new(_incarnation, _version, [.. _tasks.Values]);
}
