using Cluster.Agent.State;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.States;
using Cluster.Model.Time;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.Tasks;

/// <summary>
/// The tasks of this node and their states. Every change of a state goes through here: it never decreases, is stored, and is
/// reported unless the task is leaving.
/// </summary>
internal sealed class TaskLedger(StepBuilder step, StatusOutbox outbox)
{
    private const int LongestError = 1024;
    private readonly SortedDictionary<TaskId, HeldTask> _tasks = [];

    public IEnumerable<HeldTask> All => _tasks.Values;

    public int Count => _tasks.Count;

    public HeldTask? Find(TaskId taskId) => _tasks.GetValueOrDefault(taskId);

    public void Add(HeldTask task) => _tasks.Add(task.Id, task);

    public void Remove(HeldTask task)
    {
        _tasks.Remove(task.Id);
        outbox.Forget(task.Id);
    }

    /// <summary>Goes to a state that is not lower than the present one.</summary>
    public void Enter(HeldTask task, TaskState state, string message, ClusterTime now, string error = "", int? exitCode = null, int pid = 0)
    {
        TaskStatus old = task.Status;
        Invariant.Check(state >= old.State && (state == old.State || !old.State.IsTerminal()), $"the state of task {task.Id} only grows");
        TaskStatus status = new()
        {
            State = state,
            Since = state == old.State ? old.Since : now,
            Message = message,
            Error = Shortened(error),
            ExitCode = exitCode ?? old.ExitCode,
            Pid = pid,
        };
        if (status == old) return;
        task.Status = status;
        if (task.IsLeaving) return;
        Store(task);
        outbox.Add(task.Id);
    }

    /// <summary>Says why the task does not get on. Not stored: it is of the moment.</summary>
    public void Explain(HeldTask task, string message, string error)
    {
        TaskStatus status = task.Status with { Message = message, Error = task.IsTerminal && task.Status.Error.Length > 0 ? task.Status.Error : Shortened(error) };
        if (status == task.Status) return;
        task.Status = status;
        if (!task.IsLeaving) outbox.Add(task.Id);
    }

    /// <summary>A task that was leaving is assigned again.</summary>
    public void Restore(HeldTask task)
    {
        Store(task);
        outbox.Add(task.Id);
    }

    /// <summary>Nothing but logs is left: this is remembered, so that a restart does not look again.</summary>
    public void MarkCleared(HeldTask task)
    {
        task.Footprint = Footprint.Cleared;
        if (!task.IsLeaving) Store(task);
    }

    private void Store(HeldTask task) =>
        step.Persist(new AgentStateChange.PutStatus(task.Id, task.Status, task.Footprint == Footprint.Cleared));

    private static string Shortened(string error) => error.Length <= LongestError ? error : string.Concat(error.AsSpan(0, LongestError - 3), "...");
}
