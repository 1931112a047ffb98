using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Agent.Tasks;

/// <summary>At most one time per task at which to look at it again; in the order of time, then id.</summary>
internal sealed class TaskTimers
{
    private readonly SortedSet<(ClusterTime At, TaskId TaskId)> _order = [];
    private readonly Dictionary<TaskId, ClusterTime> _times = [];

    public ClusterTime? Next => _order.Count == 0 ? null : _order.Min.At;

    public void Set(TaskId taskId, ClusterTime at)
    {
        Clear(taskId);
        _times.Add(taskId, at);
        _order.Add((at, taskId));
    }

    public void Clear(TaskId taskId)
    {
        if (_times.Remove(taskId, out ClusterTime at)) _order.Remove((at, taskId));
    }

    public bool TryTakeDue(ClusterTime now, out TaskId taskId)
    {
        taskId = default;
        if (_order.Count == 0 || _order.Min.At > now) return false;
        taskId = _order.Min.TaskId;
        Clear(taskId);
        return true;
    }
}
