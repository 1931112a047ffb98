using Cluster.Agent.Runtime;
using Cluster.Agent.Tasks;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Testing.Agent;

/// <summary>Carrying out operations, with faults, and checking that the core asks for nothing that it must not.</summary>
public sealed partial class SimulatedAgent
{
    private int _reconciling;

    private void Begin(AgentEffect.StartOperation start)
    {
        Check(start);
        Count(start.Operation.GetType().Name);
        Pending pending = new(start.TaskId, start.OperationId, start.Operation);
        _pending.Add(start.OperationId, pending);
        if (start.Operation is TaskOperation.Wait)
        {
            After(TimeSpan.FromMilliseconds(1), () => BeginWait(pending));
            return;
        }

        After(Delay(), () => Complete(pending));
    }

    private void Check(AgentEffect.StartOperation start)
    {
        Invariant.Check(_pending.Values.All(p => p.TaskId != start.TaskId), $"task {start.TaskId} has one operation at a time");
        int starting = _pending.Values.Count(p => p.Operation is TaskOperation.Prepare or TaskOperation.Start);
        bool isStart = start.Operation is TaskOperation.Prepare or TaskOperation.Start;
        Invariant.Check(!isStart || starting < _options.ParallelStarts, "not more starts at once than allowed");
        bool isChange = start.Operation is TaskOperation.Prepare or TaskOperation.Remove;
        Invariant.Check(!isChange || _reconciling == 0, "no network is changed while all are reconciled");
        bool isEnd = start.Operation is TaskOperation.Stop or TaskOperation.Remove or TaskOperation.Purge;
        bool mayEnd = !isEnd || Core.IsVerified || _disk.Build().Tasks.Any(t => t.Assignment.TaskId == start.TaskId);
        Invariant.Check(mayEnd, $"nothing of task {start.TaskId}, which no assignment names, is removed before assignments are verified");
    }

    private void Complete(Pending pending)
    {
        if (!_pending.ContainsKey(pending.OperationId)) return;
        double dice = _random.NextDouble();
        OperationOutcome outcome;
        if (dice < Faults.Temporary)
        {
            Count("temporary fault");
            if (_random.Next(2) == 0) TryPerform(pending);
            outcome = new OperationOutcome.Failed("the machine is out of sorts", IsTemporary: true);
        }
        else if (dice < Faults.Temporary + Faults.Fatal && pending.Operation is TaskOperation.Prepare or TaskOperation.Start && !Runs(pending.TaskId))
        {
            Count("fatal fault");
            outcome = new OperationOutcome.Failed("this task cannot run here", IsTemporary: false);
        }
        else
        {
            outcome = TryPerform(pending);
        }

        End(pending, outcome);
    }

    /// <summary>An earlier attempt may have worked unseen; a runtime does not refuse for good to start what runs.</summary>
    private bool Runs(TaskId taskId) => Machine.Containers.TryGetValue(taskId, out SimulatedContainer? container) && container.State == RuntimeTaskState.Running;

    private void BeginWait(Pending pending)
    {
        if (!_pending.ContainsKey(pending.OperationId)) return;
        try
        {
            if (Machine.ExitOf(pending.TaskId) is { } exit) End(pending, new OperationOutcome.Exited(exit));
        }
        catch (RuntimeException e)
        {
            End(pending, new OperationOutcome.Failed(e.Message, e.IsTemporary));
        }
    }

    private void CompleteWaits(TaskId taskId, ContainerExit exit)
    {
        if (_core is null) return;
        foreach (Pending pending in _pending.Values.Where(p => p.TaskId == taskId && p.Operation is TaskOperation.Wait).ToArray())
        {
            After(TimeSpan.FromMilliseconds(1), () => End(pending, new OperationOutcome.Exited(exit)));
        }
    }

    private void Cancel(AgentEffect.CancelOperation cancel)
    {
        if (!_pending.TryGetValue(cancel.OperationId, out Pending? pending)) return;
        After(TimeSpan.FromMilliseconds(1), () =>
        {
            if (!_pending.ContainsKey(pending.OperationId)) return;
            if (pending.Operation is not TaskOperation.Wait && _random.Next(2) == 0) TryPerform(pending);
            Count("cancelled");
            End(pending, OperationOutcome.Cancelled.Instance);
        });
    }

    private void End(Pending pending, OperationOutcome outcome)
    {
        if (_pending.Remove(pending.OperationId)) Give(new AgentEvent.OperationEnded(pending.TaskId, pending.OperationId, outcome));
    }

    private void Reconcile(AgentEffect.ReconcileNetworks reconcile)
    {
        Count("Reconcile");
        Invariant.Check(
            _pending.Values.All(p => p.Operation is not (TaskOperation.Prepare or TaskOperation.Remove)), "no network is changed while all are reconciled");
        _reconciling++;
        int life = _life;
        _scheduler.Schedule(Delay(), () =>
        {
            if (life != _life) return;
            _reconciling--;
            bool isBad = _random.NextDouble() < Faults.Temporary;
            if (!isBad) Machine.Reconcile(reconcile.Wanted);
            Give(new AgentEvent.NetworksReconciled(isBad ? "the kernel is out of sorts" : null));
        });
    }

    private OperationOutcome TryPerform(Pending pending)
    {
        try
        {
            return PerformOnMachine(pending.TaskId, pending.Operation);
        }
        catch (RuntimeException e)
        {
            return new OperationOutcome.Failed(e.Message, e.IsTemporary);
        }
    }

    private OperationOutcome PerformOnMachine(TaskId taskId, TaskOperation operation)
    {
        DateTimeOffset now = new(_scheduler.Now.Ticks, TimeSpan.Zero);
        switch (operation)
        {
            case TaskOperation.Prepare prepare:
                Machine.Prepare(prepare.Plan.In(Machine.Attach(prepare.Network)));
                break;
            case TaskOperation.Start:
                return new OperationOutcome.Started(Machine.Start(taskId));
            case TaskOperation.Stop:
                Machine.End(taskId, new ContainerExit(143, now, OutOfMemory: false));
                break;
            case TaskOperation.Remove:
                Machine.Remove(taskId, now);
                Machine.Detach(taskId);
                break;
            case TaskOperation.Purge:
                Machine.RemoveLogs(taskId);
                break;
        }

        return OperationOutcome.Succeeded.Instance;
    }
}
