using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Control.Orchestration;

/// <summary>
/// Which slots go when a service shrinks, as in Swarm (swarmkit manager/orchestrator/replicated): nodes with the most tasks of the
/// service give first, so that the rest stays spread; of equals those that do not run, then the highest slots. Tasks without a
/// node go before all others.
/// </summary>
internal static class ScaleDownOrder
{
    /// <param name="taken">One task for each taken slot.</param>
    /// <param name="count">How many slots to name.</param>
    public static IReadOnlyList<int> SlotsToRemove(IReadOnlyList<TaskRecord> taken, int count)
    {
        // Each task gets its rank on its node, the best ones the lowest; the highest ranks go.
        Dictionary<NodeId, int> ranks = [];
        List<(int Rank, bool Runs, int Slot)> order = new(taken.Count);
        foreach (TaskRecord task in taken.OrderBy(static t => !Runs(t)).ThenBy(static t => t.Slot))
        {
            if (task.NodeId.IsNone)
            {
                order.Add((int.MaxValue, false, task.Slot));
                continue;
            }

            int rank = ranks.GetValueOrDefault(task.NodeId);
            ranks[task.NodeId] = rank + 1;
            order.Add((rank, Runs(task), task.Slot));
        }

        return [.. order.OrderByDescending(static o => o.Rank).ThenBy(static o => o.Runs).ThenByDescending(static o => o.Slot).Take(count).Select(static o => o.Slot)];
    }

    private static bool Runs(TaskRecord task) => task.IsCurrent() && task.Status.State == TaskState.Running;
}
