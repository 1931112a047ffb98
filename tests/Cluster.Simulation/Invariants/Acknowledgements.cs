using Cluster.Model;
using Cluster.Simulation.World;
using Cluster.Simulation.Workload;
using Cluster.Store;

namespace Cluster.Simulation.Invariants;

/// <summary>What managers have answered to clients, and whether it is true. That it stays true is the history's part: it is one chain, and every manager is on it.</summary>
internal sealed class Acknowledgements(SimulationWorld world)
{
    public void Committed(Operation operation, UInt128 id)
    {
        if (operation.Request.IsNone)
        {
            bool isIn = operation.IsIn(world.History.Head, id);
            BreachException.Require(isIn, Breach.AcknowledgedLost, $"'{operation.What}' was acknowledged, but the state does not show it");
            return;
        }

        StoreSnapshot? after = world.History.AfterRequest(operation.Request);
        BreachException.Require(after is not null, Breach.AcknowledgedLost, $"'{operation.What}' was acknowledged, but is not committed");
        BreachException.Require(operation.IsIn(after!, id), Breach.AcknowledgedLost, $"'{operation.What}' was acknowledged, but v{after!.Version} does not do it");
        BreachException.Require(
            (after!.Incarnation, after.Version).CompareTo(operation.IssuedAt) > 0, Breach.AcknowledgedLost, $"'{operation.What}' is in v{after.Version}, older than v{operation.IssuedAt.Version}, which was there before it was asked");
    }

    /// <summary>A refusal says that nothing was done: also when an earlier attempt had no answer.</summary>
    public void Refused(Operation operation, Refusal refusal)
    {
        if (operation.Request.IsNone || refusal.Kind == RefusalKind.NotFound) return;
        BreachException.Require(
            world.History.AfterRequest(operation.Request) is null, Breach.AcknowledgedLost, $"'{operation.What}' was refused ({refusal.Message}), although an earlier attempt was committed");
    }
}
