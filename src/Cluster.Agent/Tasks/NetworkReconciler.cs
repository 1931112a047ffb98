using Cluster.Model.Time;

namespace Cluster.Agent.Tasks;

/// <summary>
/// Once after the start, the node's networks are brought in line with the tasks that are held: repaired, and freed from what a crash
/// left behind. Not while there are containers whose network is not known, and never while a task's network is being changed.
/// </summary>
internal sealed class NetworkReconciler(TaskLedger ledger, TaskMachine machine, StepBuilder step)
{
    private enum Phase { Waiting, Running, Done }

    private Phase _phase;
    private int _failures;

    /// <summary>When to try again after a failure; null when it need not, or waits for something else than time.</summary>
    public ClusterTime? NextWake { get; private set; }

    public void Advance(MachineAdopter adopter, ClusterTime now)
    {
        if (NextWake is { } at && at > now) return;
        NextWake = null;
        if (_phase != Phase.Waiting || !machine.IsAdopted || adopter.HasUnknownContainers) return;
        machine.AreNetworksBusy = true;
        if (machine.TouchesNetworks) return;
        _phase = Phase.Running;
        step.Do(new AgentEffect.ReconcileNetworks([.. ledger.All.Where(machine.NeedsNetwork).Select(task => TaskPlanner.Network(task.Assignment!))]));
    }

    public void Ended(string? error, ClusterTime now)
    {
        if (_phase != Phase.Running) return;
        machine.AreNetworksBusy = false;
        _phase = error is null ? Phase.Done : Phase.Waiting;
        if (error is not null) NextWake = now + RetryDelay.After(++_failures);
    }
}
