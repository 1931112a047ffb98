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
    private ClusterTime _notBefore;

    public ClusterTime? NextWake => _phase == Phase.Waiting && _failures > 0 && machine.IsAdopted ? _notBefore : null;

    public void Advance(MachineAdopter adopter, ClusterTime now)
    {
        if (_phase != Phase.Waiting || !machine.IsAdopted || now < _notBefore || adopter.HasUnknownContainers) return;
        machine.AreNetworksBusy = true;
        if (machine.TouchesNetworks) return;
        _phase = Phase.Running;
        step.Do(new AgentEffect.ReconcileNetworks(
        [
            .. ledger.All.Where(task => task is { Assignment: not null, Footprint: Footprint.Partial or Footprint.Prepared or Footprint.Started })
                .Select(task => TaskPlanner.Network(task.Assignment!)),
        ]));
    }

    public void Ended(string? error, ClusterTime now)
    {
        if (_phase != Phase.Running) return;
        machine.AreNetworksBusy = false;
        _phase = error is null ? Phase.Done : Phase.Waiting;
        if (error is not null) _notBefore = now + RetryDelay.After(++_failures);
    }
}
