using Cluster.Agent.Runtime;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Agent.Tasks;

/// <summary>
/// Decides what is done next for one task: <see cref="Advance"/> after anything that may matter to it, <c>OperationEnded</c> (other
/// part) with what came of an operation. Level-triggered: it looks at where the task is and where it should be, never at how it came.
/// One operation at a time per task; preparations and starts pass one gate, removals another.
/// </summary>
internal sealed partial class TaskMachine(AgentCoreOptions options, TaskLedger ledger, StepBuilder step)
{
    /// <summary>How long to wait for the exit code of a process that was stopped and has ended.</summary>
    private static readonly TimeSpan ExitCodePatience = TimeSpan.FromSeconds(10);

    private readonly OperationGate _startGate = new(options.ParallelStarts);
    private readonly OperationGate _removalGate = new(options.ParallelStarts);
    private readonly HostPortHolders _ports = new();
    private readonly TaskTimers _timers = new();
    private long _lastOperationId;
    private bool _isOpen;

    /// <summary>Until then no operation starts: what the machine holds must be known first.</summary>
    public bool IsAdopted { get; set; }

    /// <summary>While the networks are reconciled nothing is prepared or removed.</summary>
    public bool AreNetworksBusy { get; set; }

    public ClusterTime? NextWake => _timers.Next;

    public bool TouchesNetworks => _networkOperations > 0;

    public void FireTimers(ClusterTime now)
    {
        while (_timers.TryTakeDue(now, out TaskId taskId))
        {
            if (ledger.Find(taskId) is not { } task) continue;
            if (task.Operation is { Kind: TaskOperation.Wait } operation && task.IsStopped) Cancel(task, operation);
            Advance(task, now);
        }
    }

    /// <summary>Starts what waited for a free place. Called at the end of every event.</summary>
    public void DrainGates(ClusterTime now)
    {
        if (AreNetworksBusy) return;
        _isOpen = true;
        while (_startGate.TryDequeue(out TaskId taskId) || _removalGate.TryDequeue(out taskId))
        {
            if (ledger.Find(taskId) is not { } task) continue;
            task.IsQueued = false;
            Advance(task, now);
        }

        _isOpen = false;
    }

    public void Advance(HeldTask task, ClusterTime now)
    {
        if (!IsAdopted) return;
        if (!task.IsEnding && (task.IsTerminal || !task.IsWantedToRun)) BeginEnding(task);
        if (task.Operation is { } operation)
        {
            bool isInTheWay = operation.Kind is TaskOperation.Prepare || (operation.Kind is TaskOperation.Start or TaskOperation.Wait && task.MayRun);
            if (task.IsEnding && isInTheWay) Cancel(task, operation);
            return;
        }

        if (task.IsQueued || task.NotBefore > now) return;
        if (task.IsEnding) AdvanceToEnd(task, now);
        else AdvanceToRun(task, now);
    }

    /// <summary>The ports of a task of which something was found, and so perhaps its network.</summary>
    public void HoldPorts(HeldTask task)
    {
        if (task.Footprint is Footprint.Prepared or Footprint.Started) _ports.Take(task.Id, PortsOf(task));
        else if (task.Footprint == Footprint.Partial) _ports.TakeOrFindHeld(task.Id, PortsOf(task));
    }

    /// <summary>Whether the task's network should be there: it runs, may run, or will.</summary>
    public bool NeedsNetwork(HeldTask task) => task.Footprint is Footprint.Partial or Footprint.Prepared or Footprint.Started
        && task.Assignment is not null && (task.MayRun || !task.IsEnding) && _ports.Holds(task.Id, PortsOf(task));

    private void BeginEnding(HeldTask task)
    {
        task.IsEnding = true;
        task.Failures = 0;
        task.NotBefore = default;
        _timers.Clear(task.Id);
        _startGate.Remove(task.Id);
        task.IsQueued = false;
    }

    private void AdvanceToRun(HeldTask task, ClusterTime now)
    {
        switch (task.Footprint)
        {
            case Footprint.None or Footprint.Partial:
                Prepare(task, now);
                break;
            case Footprint.Prepared:
                if (task.Status.State < TaskState.Ready) ledger.Enter(task, TaskState.Ready, "prepared", now);
                if (task.Assignment!.DesiredState < TaskState.Running || !PassGate(_startGate, task, isUrgent: true)) return;
                if (task.Status.State < TaskState.Starting) ledger.Enter(task, TaskState.Starting, "starting", now);
                task.MayRun = true;
                Begin(task, new TaskOperation.Start());
                break;
            case Footprint.Started:
                Begin(task, new TaskOperation.Wait());
                break;
            default:
                throw new InvariantException($"task {task.Id} has ended ({task.Footprint}) without a final state");
        }
    }

    private void Prepare(HeldTask task, ClusterTime now)
    {
        Result<TaskPlan> plan = TaskPlanner.Plan(options, task.Assignment!);
        if (!plan.IsOk)
        {
            End(task, TaskState.Rejected, "rejected", plan.Refusal!.Message, now);
            return;
        }

        if (_ports.TakeOrFindHeld(task.Id, PortsOf(task)) is { } port)
        {
            ledger.Explain(task, $"waiting for port {port.PublishedPort}/{port.Protocol}", "another task on this node is giving it back");
            return;
        }

        if (!PassGate(_startGate, task, isUrgent: false)) return;
        if (task.Status.State < TaskState.Preparing || task.Status.Error.Length > 0)
        {
            ledger.Enter(task, task.Status.State < TaskState.Preparing ? TaskState.Preparing : task.Status.State, "preparing", now);
        }

        task.Footprint = Footprint.Partial;
        Begin(task, new TaskOperation.Prepare(TaskPlanner.Network(task.Assignment!), plan.Value));
    }

    private void AdvanceToEnd(HeldTask task, ClusterTime now)
    {
        if (task.MayRun)
        {
            Begin(task, new TaskOperation.Stop(TaskPlanner.Stop(task.Assignment)));
            return;
        }

        switch (task.Footprint)
        {
            case Footprint.Started when !task.IsTerminal && !task.IsLeaving:
                Begin(task, new TaskOperation.Wait());
                if (task.IsStopped) _timers.Set(task.Id, now + ExitCodePatience);
                break;
            case Footprint.None:
                EnterShutdown(task, now);
                ReleasePorts(task, now);
                if (task.IsLeaving) Drop(task);
                else ledger.MarkCleared(task);
                break;
            case Footprint.Cleared:
                if (task.IsLeaving && PassGate(_removalGate, task, isUrgent: false)) Begin(task, new TaskOperation.Purge());
                break;
            default:
                EnterShutdown(task, now);
                if (PassGate(_removalGate, task, isUrgent: true)) Begin(task, new TaskOperation.Remove());
                break;
        }
    }

    private void EnterShutdown(HeldTask task, ClusterTime now)
    {
        if (!task.IsTerminal) ledger.Enter(task, TaskState.Shutdown, "shut down", now);
    }

    /// <summary>The task is over; what is left of it goes.</summary>
    private void End(HeldTask task, TaskState state, string message, string error, ClusterTime now, int? exitCode = null)
    {
        if (!task.IsTerminal) ledger.Enter(task, state, message, now, error, exitCode);
        Advance(task, now);
    }

    /// <summary>Everything waits in the gate once, so that nobody is overtaken; <see cref="DrainGates"/> comes back here.</summary>
    private bool PassGate(OperationGate gate, HeldTask task, bool isUrgent)
    {
        if (_isOpen && gate.HasRoom) return true;
        task.IsQueued = true;
        gate.Enqueue(task.Id, isUrgent);
        return false;
    }

    private void Drop(HeldTask task)
    {
        _timers.Clear(task.Id);
        ledger.Remove(task);
    }

    private void ReleasePorts(HeldTask task, ClusterTime now)
    {
        foreach (TaskId waiting in _ports.Release(task.Id))
        {
            if (ledger.Find(waiting) is { } other) Advance(other, now);
        }
    }

    private static ValueList<HostPort> PortsOf(HeldTask task) => task.Assignment?.HostPorts ?? [];
}
