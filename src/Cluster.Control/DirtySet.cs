using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Control;

/// <summary>
/// Where a loop has to look: keys only, no data, so that it can be thrown away and marked anew at any time. Sorted, because the
/// order of decisions follows it.
/// </summary>
internal sealed class DirtySet
{
    public SortedSet<ServiceId> Services { get; } = [];

    public SortedSet<SlotKey> Slots { get; } = [];

    public SortedSet<TaskId> Tasks { get; } = [];

    public SortedSet<NodeId> Nodes { get; } = [];

    public SortedSet<TemplateId> Templates { get; } = [];

    /// <summary>The loop has work that the keys do not say.</summary>
    public bool Other { get; set; }

    public bool IsEmpty => Services.Count == 0 && Slots.Count == 0 && Tasks.Count == 0 && Nodes.Count == 0 && Templates.Count == 0 && !Other;

    public void Clear()
    {
        Services.Clear();
        Slots.Clear();
        Tasks.Clear();
        Nodes.Clear();
        Templates.Clear();
        Other = false;
    }

    public static SlotKey SlotOf(TaskRecord task) => new(task.ServiceId, task.Slot, default);
}
