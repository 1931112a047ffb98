using Cluster.Agent.Runtime;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Agent.Tasks;

/// <summary>What comes of operations.</summary>
internal sealed partial class TaskMachine
{
    private int _networkOperations;

    /// <summary>An outcome of an operation that is not the task's present one is ignored.</summary>
    public void OperationEnded(HeldTask task, long operationId, OperationOutcome outcome, ClusterTime now)
    {
        if (task.Operation is not { } operation || operation.Id != operationId) return;
        task.Operation = null;
        LeaveGate(operation.Kind);
        if (outcome is not OperationOutcome.Failed) task.Failures = 0;
        switch (operation.Kind)
        {
            case TaskOperation.Prepare:
                Prepared(task, outcome, now);
                break;
            case TaskOperation.Start:
                Started(task, outcome, now);
                break;
            case TaskOperation.Wait:
                _timers.Clear(task.Id);
                Waited(task, outcome, now);
                break;
            case TaskOperation.Stop:
                Stopped(task, outcome, now);
                break;
            case TaskOperation.Remove:
                Removed(task, outcome, now);
                break;
            case TaskOperation.Purge:
                Purged(task, outcome, now);
                break;
        }

        if (ledger.Find(task.Id) == task) Advance(task, now);
    }

    private void Begin(HeldTask task, TaskOperation operation)
    {
        task.Operation = new RunningOperation(++_lastOperationId, operation);
        switch (operation)
        {
            case TaskOperation.Prepare or TaskOperation.Start:
                _startGate.Begin();
                break;
            case TaskOperation.Remove or TaskOperation.Purge:
                _removalGate.Begin();
                break;
        }

        if (operation is TaskOperation.Prepare or TaskOperation.Remove) _networkOperations++;
        step.Do(new AgentEffect.StartOperation(task.Id, _lastOperationId, operation));
    }

    private void LeaveGate(TaskOperation operation)
    {
        switch (operation)
        {
            case TaskOperation.Prepare or TaskOperation.Start:
                _startGate.End();
                break;
            case TaskOperation.Remove or TaskOperation.Purge:
                _removalGate.End();
                break;
        }

        if (operation is TaskOperation.Prepare or TaskOperation.Remove) _networkOperations--;
    }

    private void Cancel(HeldTask task, RunningOperation operation)
    {
        if (operation.IsCancelling) return;
        task.Operation = operation with { IsCancelling = true };
        step.Do(new AgentEffect.CancelOperation(task.Id, operation.Id));
    }

    private void Prepared(HeldTask task, OperationOutcome outcome, ClusterTime now)
    {
        switch (outcome)
        {
            case OperationOutcome.Succeeded:
                task.Footprint = Footprint.Prepared;
                break;
            case OperationOutcome.Failed { IsTemporary: false } failed when !task.IsEnding:
                End(task, TaskState.Rejected, "rejected", failed.Error, now);
                break;
            case OperationOutcome.Failed failed when !task.IsEnding:
                RetryLater(task, "preparing", failed.Error, now);
                break;
        }
    }

    private void Started(HeldTask task, OperationOutcome outcome, ClusterTime now)
    {
        switch (outcome)
        {
            case OperationOutcome.Started started:
                task.Footprint = Footprint.Started;
                if (!task.IsTerminal) ledger.Enter(task, TaskState.Running, "started", now, pid: started.Pid);
                break;
            case OperationOutcome.Failed { IsTemporary: false } failed when !task.IsEnding:
                End(task, TaskState.Failed, "could not be started", failed.Error, now);
                break;
            case OperationOutcome.Failed failed when !task.IsEnding:
                RetryLater(task, "starting", failed.Error, now);
                break;
        }
    }

    private void Waited(HeldTask task, OperationOutcome outcome, ClusterTime now)
    {
        switch (outcome)
        {
            case OperationOutcome.Exited { Exit: { } exit }:
                task.Footprint = Footprint.Ended;
                task.MayRun = false;
                EnterExit(task, exit, now);
                break;
            case OperationOutcome.Failed or OperationOutcome.Cancelled when task.IsStopped:
                task.Footprint = Footprint.Ended; // it is known to have ended; only its exit code stays unknown
                break;
            case OperationOutcome.Failed { IsTemporary: true } failed:
                RetryLater(task, "watching the container", failed.Error, now);
                break;
            case OperationOutcome.Failed failed:
                task.MayRun = true;
                End(task, TaskState.Failed, "lost", $"the container was lost: {failed.Error}", now);
                break;
        }
    }

    private void EnterExit(HeldTask task, ContainerExit exit, ClusterTime now)
    {
        if (task.IsTerminal) return;
        if (task.IsStopped) ledger.Enter(task, TaskState.Shutdown, "shut down", now, exitCode: exit.ExitCode);
        else if (exit is { ExitCode: 0, OutOfMemory: false }) ledger.Enter(task, TaskState.Complete, "finished", now, exitCode: 0);
        else ledger.Enter(task, TaskState.Failed, "failed", now, ErrorOf(exit), exit.ExitCode);
    }

    private static string ErrorOf(ContainerExit exit) => exit.OutOfMemory
        ? $"task: non-zero exit ({exit.ExitCode}): out of memory, the kernel killed it at its memory limit"
        : $"task: non-zero exit ({exit.ExitCode})";

    private void Stopped(HeldTask task, OperationOutcome outcome, ClusterTime now)
    {
        if (outcome is OperationOutcome.Failed { IsTemporary: true } failed)
        {
            RetryLater(task, "stopping", failed.Error, now);
            return;
        }

        if (outcome is OperationOutcome.Cancelled) return;
        task.MayRun = false; // where stopping fails for good, removing kills
        task.IsStopped = true;
        if (outcome is OperationOutcome.Failed && task.Footprint == Footprint.Started) task.Footprint = Footprint.Ended;
        if (task.Footprint == Footprint.Started && (task.IsTerminal || task.IsLeaving)) task.Footprint = Footprint.Ended;
    }

    private void Removed(HeldTask task, OperationOutcome outcome, ClusterTime now)
    {
        if (outcome is OperationOutcome.Failed failed) RetryLater(task, "removing the container", failed.Error, now);
        if (outcome is not OperationOutcome.Succeeded) return;
        ledger.MarkCleared(task);
        ReleasePorts(task, now);
    }

    private void Purged(HeldTask task, OperationOutcome outcome, ClusterTime now)
    {
        if (outcome is OperationOutcome.Failed failed) RetryLater(task, "removing the logs", failed.Error, now);
        if (outcome is OperationOutcome.Succeeded && task.IsLeaving) Drop(task);
    }

    private void RetryLater(HeldTask task, string activity, string error, ClusterTime now)
    {
        task.Failures++;
        TimeSpan delay = RetryDelay.After(task.Failures);
        task.NotBefore = now + delay;
        _timers.Set(task.Id, task.NotBefore);
        ledger.Explain(task, $"{activity} failed, trying again in {delay.TotalSeconds:0} s", error);
    }
}
