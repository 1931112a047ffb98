using Cluster.Agent.Runtime;
using Cluster.Agent.State;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.Tasks;

/// <summary>
/// Assignments come and go, and containers are found on the machine: makes a <see cref="HeldTask"/> of each. Containers that no
/// assignment names wait here until the assignments are verified; before that, the missing assignment may be the agent's own loss.
/// </summary>
internal sealed class MachineAdopter(TaskLedger ledger, TaskMachine machine, AgentState remembered)
{
    /// <summary>A task's ports never change, but managers of another history may have given it others.</summary>
    private const string OtherPorts = "the cluster was restored, and gave the task other ports than its container has";

    private readonly SortedDictionary<TaskId, RuntimeTask> _unknown = [];
    private SortedSet<TaskId> _cleared = [.. remembered.Tasks.Where(t => t.IsCleared).Select(t => t.Assignment.TaskId)];

    public bool IsVerified { get; private set; }

    /// <summary>Containers of which the network is not known: they keep it until they are gone.</summary>
    public bool HasUnknownContainers => _unknown.Count > 0 || ledger.All.Any(task => task is { Assignment: null, Footprint: not Footprint.Cleared });

    public void MachineListed(IReadOnlyList<RuntimeTask> found, AssignmentSet assignments, ClusterTime now)
    {
        if (machine.IsAdopted) return;
        machine.IsAdopted = true;
        foreach (RuntimeTask task in found) _unknown[task.TaskId] = task;
        foreach (HeldTask task in ledger.All.ToArray()) Adopt(task, now);
        _cleared = [];
        RemoveUnknown(assignments, now);
        foreach (HeldTask task in ledger.All.ToArray()) machine.Advance(task, now);
    }

    /// <summary>The assignment is new or has changed.</summary>
    public void Assign(TaskAssignment assignment, StatusOutbox outbox, ClusterTime now)
    {
        TaskState observed = InAgentsWords(assignment.ObservedState);
        HeldTask? task = ledger.Find(assignment.TaskId);
        if (task is null)
        {
            task = new HeldTask(assignment.TaskId, assignment, TaskStatus.New);
            ledger.Add(task);
            ledger.Enter(task, Greater(TaskState.Accepted, observed), "accepted", now);
            if (machine.IsAdopted) Adopt(task, now);
        }
        else
        {
            bool isBack = task.IsLeaving;
            bool isOther = task.Footprint is not (Footprint.None or Footprint.Cleared) && task.Assignment is { } before && before.HostPorts != assignment.HostPorts;
            task.Assignment = assignment;
            task.IsLeaving = false;
            if (isOther && !task.IsTerminal && !observed.IsTerminal()) ledger.Enter(task, TaskState.Failed, "lost", now, OtherPorts);
            else if (!task.IsTerminal && observed > task.Status.State) CatchUp(task, observed, now);
            else if (isBack) ledger.Restore(task);
            else if (observed < task.Status.State) outbox.Add(task.Id);
        }

        machine.Advance(task, now);
    }

    /// <summary>The task is not assigned to this node any more.</summary>
    public void Leave(TaskId taskId, ClusterTime now)
    {
        if (ledger.Find(taskId) is not { } task) return;
        task.IsLeaving = true;
        machine.Advance(task, now);
    }

    public void Verified(AssignmentSet assignments, ClusterTime now)
    {
        IsVerified = true;
        RemoveUnknown(assignments, now);
    }

    private void Adopt(HeldTask task, ClusterTime now)
    {
        _unknown.Remove(task.Id, out RuntimeTask? found);
        Adoption.Adopt(task, found, _cleared.Contains(task.Id), ledger, now);
        machine.HoldPorts(task);
    }

    /// <summary>The managers know more than the agent: they have ended the task, or the agent has lost what it had stored.</summary>
    private void CatchUp(HeldTask task, TaskState observed, ClusterTime now)
    {
        bool isLost = machine.IsAdopted && observed is TaskState.Starting or TaskState.Running && !task.MayRun && task.Footprint != Footprint.Started;
        if (isLost) ledger.Enter(task, TaskState.Failed, "lost", now, Adoption.Gone);
        else ledger.Enter(task, observed, observed.IsTerminal() ? "ended by the managers" : task.Status.Message, now, pid: task.Status.Pid);
    }

    private void RemoveUnknown(AssignmentSet assignments, ClusterTime now)
    {
        if (!IsVerified || !machine.IsAdopted) return;
        foreach (RuntimeTask found in _unknown.Values.Where(found => !assignments.Contains(found.TaskId)).ToArray())
        {
            _unknown.Remove(found.TaskId);
            HeldTask task = new(found.TaskId, assignment: null, TaskStatus.New)
            {
                IsLeaving = true,
                Footprint = Footprint.Partial,
                MayRun = found.State == RuntimeTaskState.Running,
            };
            ledger.Add(task);
            machine.Advance(task, now);
        }
    }

    /// <summary>That a task was given up (Orphaned) is for managers to say; those of another history, who have not, can be told that it failed.</summary>
    private static TaskState InAgentsWords(TaskState observed) => observed > TaskState.Rejected ? TaskState.Failed : observed;

    private static TaskState Greater(TaskState a, TaskState b) => a > b ? a : b;
}
