using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Control.Orchestration;

/// <summary>
/// The taken slots of a service in ascending order, each with the task that stands for it. Filled anew for each service: its lists are kept
/// for the next one, because those of a large service are large.
/// </summary>
internal sealed class ServiceSlots
{
    private readonly List<TaskRecord> _taken = [];
    private readonly List<TaskRecord> _surplus = [];

    /// <summary>One task for each taken slot: the current one, else one that is only remembered.</summary>
    public IReadOnlyList<TaskRecord> Taken => _taken;

    /// <summary>Current tasks beyond the first of their slot.</summary>
    public IReadOnlyList<TaskRecord> SurplusTasks => _surplus;

    public int TaskCount { get; private set; }

    public void Read(StoreView view, ServiceId service)
    {
        Clear();
        foreach (TaskRecord task in view.TasksOfService(service))
        {
            TaskCount++;
            if (!task.TakesSlot()) continue;
            if (_taken.Count == 0 || _taken[^1].Slot != task.Slot) _taken.Add(task);
            else if (!_taken[^1].IsCurrent()) _taken[^1] = task;
            else if (task.IsCurrent()) _surplus.Add(task);
        }
    }

    /// <summary>Lets go of the rows.</summary>
    public void Clear()
    {
        _taken.Clear();
        _surplus.Clear();
        TaskCount = 0;
    }
}
