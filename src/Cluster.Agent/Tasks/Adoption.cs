using Cluster.Agent.Runtime;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Agent.Tasks;

/// <summary>
/// Brings together what the agent remembers, or is told, of a task and what the machine holds of it. A process is never started twice
/// for one task: where it may have run and is gone, the task has failed.
/// </summary>
internal static class Adoption
{
    public const string Gone = "the container is gone: the machine was restarted, or something else removed it";

    public static void Adopt(HeldTask task, RuntimeTask? found, bool isCleared, TaskLedger ledger, ClusterTime now)
    {
        switch (found?.State)
        {
            case RuntimeTaskState.Running:
                task.Footprint = Footprint.Started;
                task.MayRun = true;
                if (!task.IsTerminal) ledger.Enter(task, TaskState.Running, "running", now, pid: found.Pid);
                break;
            case RuntimeTaskState.Created:
                task.Footprint = Footprint.Prepared;
                task.MayRun = task.Status.State >= TaskState.Starting;
                if (task.Status.State == TaskState.Running) ledger.Enter(task, TaskState.Failed, "lost", now, Gone);
                break;
            case RuntimeTaskState.Stopped when found.ExitCode is not null || task.Status.State >= TaskState.Starting:
                task.Footprint = Footprint.Started; // waiting for it gives its exit code at once
                break;
            default:
                AdoptWithoutContainer(task, hasLeftovers: found is not null, isCleared, ledger, now);
                break;
        }
    }

    private static void AdoptWithoutContainer(HeldTask task, bool hasLeftovers, bool isCleared, TaskLedger ledger, ClusterTime now)
    {
        bool mayHaveRun = task.Status.State >= TaskState.Starting && !task.IsTerminal;
        task.Footprint = task.IsTerminal && isCleared ? Footprint.Cleared
            : hasLeftovers || task.Status.State >= TaskState.Preparing ? Footprint.Partial
            : Footprint.None;
        if (mayHaveRun) ledger.Enter(task, TaskState.Failed, "lost", now, Gone);
    }
}
