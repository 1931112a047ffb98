using Cluster.Model.Time;

namespace Cluster.Control.Scheduling;

/// <summary>What one node has of one service: active tasks, and the times of failures whose tasks are still kept.</summary>
internal sealed class ServiceShare
{
    // Sorted; few, because the reaper keeps few ended tasks for a slot.
    private readonly List<ClusterTime> _failures = [];

    public int Active { get; set; }

    public IReadOnlyList<ClusterTime> Failures => _failures;

    public bool IsEmpty => Active == 0 && _failures.Count == 0;

    public void AddFailure(ClusterTime at)
    {
        int index = _failures.BinarySearch(at);
        _failures.Insert(index < 0 ? ~index : index, at);
    }

    public void RemoveFailure(ClusterTime at)
    {
        int index = _failures.BinarySearch(at);
        if (index >= 0) _failures.RemoveAt(index);
    }

    public int FailuresSince(ClusterTime time)
    {
        int count = 0;
        for (int i = _failures.Count - 1; i >= 0 && _failures[i] >= time; i--) count++;
        return count;
    }
}
