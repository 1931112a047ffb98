using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Control.Orchestration;

/// <summary>The taken slots of a service in ascending order, each with the task that stands for it.</summary>
internal sealed class ServiceSlots
{
    private ServiceSlots(List<TaskRecord> taken, List<TaskRecord> surplus, int taskCount) => (Taken, SurplusTasks, TaskCount) = (taken, surplus, taskCount);

    /// <summary>One task for each taken slot: the current one, else one that is only remembered.</summary>
    public IReadOnlyList<TaskRecord> Taken { get; }

    /// <summary>Current tasks beyond the first of their slot.</summary>
    public IReadOnlyList<TaskRecord> SurplusTasks { get; }

    public int TaskCount { get; }

    public static ServiceSlots Read(StoreView view, ServiceId service)
    {
        List<TaskRecord> taken = [];
        List<TaskRecord> surplus = [];
        int count = 0;
        foreach (TaskRecord task in view.TasksOfService(service))
        {
            count++;
            if (!task.TakesSlot()) continue;
            if (taken.Count == 0 || taken[^1].Slot != task.Slot) taken.Add(task);
            else if (!taken[^1].IsCurrent()) taken[^1] = task;
            else if (task.IsCurrent()) surplus.Add(task);
        }

        return new(taken, surplus, count);
    }
}
