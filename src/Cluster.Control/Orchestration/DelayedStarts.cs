using System.Globalization;
using System.Text;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Control.Orchestration;

/// <summary>The tasks whose desired state is still Ready, by the time at which they may be started. A cache of task rows.</summary>
internal sealed class DelayedStarts
{
    private readonly SortedSet<(ClusterTime At, TaskId Id, SlotKey Slot)> _starts = [];

    public void Apply(TaskRecord? before, TaskRecord? after)
    {
        if (before is not null && before.DesiredState == TaskState.Ready) _starts.Remove(Key(before));
        if (after is not null && after.DesiredState == TaskState.Ready) _starts.Add(Key(after));
    }

    /// <summary>The slots whose time came after <paramref name="after"/> and up to <paramref name="now"/>.</summary>
    public IEnumerable<SlotKey> Due(ClusterTime after, ClusterTime now) =>
        now <= after ? [] : _starts.GetViewBetween(From(after), Until(now)).Select(static s => s.Slot);

    public ClusterTime? NextAfter(ClusterTime now)
    {
        foreach ((ClusterTime at, _, _) in _starts.GetViewBetween(From(now), Until(ClusterTime.MaxValue))) return at;
        return null;
    }

    public void Clear() => _starts.Clear();

    public void AppendTo(StringBuilder text)
    {
        foreach ((ClusterTime at, TaskId id, _) in _starts) text.Append(CultureInfo.InvariantCulture, $"delayed {at} {id}\n");
    }

    private static (ClusterTime At, TaskId Id, SlotKey Slot) Key(TaskRecord task) => (task.StartAfter, task.Id, DirtySet.SlotOf(task));

    private static (ClusterTime At, TaskId Id, SlotKey Slot) From(ClusterTime after) => (new(after.Ticks + 1), default, default);

    private static (ClusterTime At, TaskId Id, SlotKey Slot) Until(ClusterTime last) =>
        (last, new(UInt128.MaxValue), new(new(UInt128.MaxValue), int.MaxValue, new(UInt128.MaxValue)));
}
