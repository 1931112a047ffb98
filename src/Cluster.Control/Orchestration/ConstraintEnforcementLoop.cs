using Cluster.Control.Scheduling;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Orchestration;

/// <summary>
/// Moves tasks off nodes that they may no longer be on: drained ones, and those whose labels, role or other properties no longer meet
/// the service's constraints (or whose service has new ones). Paused nodes keep what they have, as in Swarm.
/// </summary>
internal sealed class ConstraintEnforcementLoop : IControlLoop
{
    public string Name => "constraints";

    public void Note(Change change, DirtySet dirty)
    {
        switch (change)
        {
            case { After: NodeRecord after } when change.Before is not NodeRecord before || !SamePlacementFacts(before, after):
                dirty.Nodes.Add(after.Id);
                break;
            case { Before: ServiceRecord before, After: ServiceRecord after } when before.Spec.Placement != after.Spec.Placement:
                dirty.Services.Add(after.Id);
                break;
        }
    }

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        while (dirty.Nodes.Count > 0 && context.MayStart(SlotReplacement.Rows))
        {
            NodeId id = dirty.Nodes.Min;
            if (transaction.GetNode(id) is { } node && !DecideTasks(transaction, transaction.TasksOfNode(id), node, context)) break;
            dirty.Nodes.Remove(id);
        }

        while (dirty.Services.Count > 0 && context.MayStart(SlotReplacement.Rows))
        {
            ServiceId id = dirty.Services.Min;
            if (!DecideTasks(transaction, transaction.TasksOfService(id), null, context)) break;
            dirty.Services.Remove(id);
        }

        return Decision.Done with { MoreWork = !dirty.IsEmpty };
    }

    private static bool DecideTasks(WorkingTransaction transaction, IEnumerable<TaskRecord> tasks, NodeRecord? node, DecisionContext context)
    {
        SortedDictionary<ServiceId, PlacementConstraints> constraints = [];
        foreach (TaskRecord task in tasks)
        {
            context.Examined(1);
            if (!task.IsCurrent() || !task.HoldsNode()) continue;
            if (transaction.GetService(task.ServiceId) is not { Removing: false } service) continue;
            if ((node ?? transaction.GetNode(task.NodeId)) is not { Status.State: not NodeState.Down } place) continue;
            if (!constraints.TryGetValue(service.Id, out PlacementConstraints? required))
            {
                constraints[service.Id] = required = PlacementConstraints.Of(service.Spec.Placement);
            }

            string? reason = place.Spec.Availability switch
            {
                NodeAvailability.Drain => $"node of {task.Id} is drained",
                NodeAvailability.Active when !required.Matches(place) => $"node of {task.Id} no longer meets the placement constraints",
                _ => null,
            };
            if (reason is null) continue;
            if (!context.HasRoom(SlotReplacement.Rows)) return false;
            SlotReplacement.AwayFromNode(service, task, waitForEnd: true, reason, context);
        }

        return true;
    }

    private static bool SamePlacementFacts(NodeRecord a, NodeRecord b) =>
        a.Spec == b.Spec && a.Description == b.Description && a.Certificate.Role == b.Certificate.Role && a.Status.Address == b.Status.Address
        && a.Status.State == b.Status.State;
}
