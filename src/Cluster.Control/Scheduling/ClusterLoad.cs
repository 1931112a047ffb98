using System.Globalization;
using System.Text;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Control.Scheduling;

/// <summary>
/// Who runs what, counted: a cache of node, task and template rows. Available nodes are also kept in the order in which a service
/// that has nothing there would take them, so that placing a task does not walk all nodes.
/// </summary>
internal sealed class ClusterLoad
{
    private static readonly IComparer<NodeLoad> ByLoad = Comparer<NodeLoad>.Create(static (a, b) =>
        a.Active != b.Active ? a.Active.CompareTo(b.Active) : a.Id.CompareTo(b.Id));

    // Looked up, or walked where the order changes nothing.
    private readonly Dictionary<NodeId, NodeLoad> _nodes = [];
    private readonly Dictionary<ServiceId, Dictionary<NodeId, ServiceShare>> _services = [];
    private readonly Dictionary<TemplateId, TemplateUse> _templates = [];
    private readonly SortedSet<NodeLoad> _available = new(ByLoad);

    /// <summary>All nodes, in no order; also removed ones that tasks still name.</summary>
    public IEnumerable<NodeLoad> Nodes => _nodes.Values;

    /// <summary>Ready and active nodes: fewest active tasks first, then by id. Not to be walked while tasks are placed.</summary>
    public IEnumerable<NodeLoad> Available => _available;

    public int AvailableCount => _available.Count;

    public NodeLoad? Find(NodeId id) => _nodes.GetValueOrDefault(id);

    /// <summary>There is no such node (any more), whatever tasks say.</summary>
    public bool IsGone(NodeId id) => Find(id) is not { Node: not null };

    /// <summary>What the nodes have of the service, in no order; null when nothing.</summary>
    public Dictionary<NodeId, ServiceShare>? SharesOf(ServiceId service) => _services.GetValueOrDefault(service);

    public void Apply(NodeRecord? before, NodeRecord? after)
    {
        NodeLoad load = GetOrAdd((after ?? before)!.Id);
        _available.Remove(load);
        load.Node = after;
        if (load.IsAvailable) _available.Add(load);
        DropUnused(load);
    }

    public void Apply(TaskTemplate? before, TaskTemplate? after)
    {
        TemplateId id = (after ?? before)!.Id;
        TemplateUse use = _templates.GetValueOrDefault(id) ?? (_templates[id] = new());
        use.Exists = after is not null;
        if (after is not null) use.Reservation = after.Resources.Reservations;
        Drop(id, use);
    }

    public void Apply(TaskRecord? before, TaskRecord? after)
    {
        bool same = before is not null && after is not null && before.NodeId == after.NodeId && IsLive(before) == IsLive(after) && IsActive(before) == IsActive(after)
            && HasFailed(before) == HasFailed(after) && (!HasFailed(after) || before.Status.Since == after.Status.Since);
        if (same) return;
        if (before is not null) Count(before, -1);
        if (after is not null) Count(after, 1);
    }

    public void Clear()
    {
        _nodes.Clear();
        _services.Clear();
        _templates.Clear();
        _available.Clear();
    }

    public void AppendTo(StringBuilder text)
    {
        foreach (NodeLoad load in _nodes.Values.OrderBy(static n => n.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"node {load.Id} cpu {load.Reserved.NanoCpus} memory {load.Reserved.MemoryBytes} live {load.Live} active {load.Active} available {_available.Contains(load)}\n");
        }

        foreach ((ServiceId service, Dictionary<NodeId, ServiceShare> shares) in _services.OrderBy(static s => s.Key))
        {
            foreach ((NodeId node, ServiceShare share) in shares.OrderBy(static s => s.Key))
            {
                text.Append(CultureInfo.InvariantCulture, $"share {service} {node} active {share.Active} failures {string.Join(',', share.Failures)}\n");
            }
        }

        foreach ((TemplateId id, TemplateUse use) in _templates.OrderBy(static t => t.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"template {id} {use.Reservation} used {use.Tasks}\n");
        }
    }

    private static bool IsLive(TaskRecord task) => !task.Status.State.IsTerminal();

    private static bool IsActive(TaskRecord task) => IsLive(task) && task.DesiredState <= TaskState.Running;

    private static bool HasFailed(TaskRecord task) => task.Status.State is TaskState.Failed or TaskState.Rejected;

    private void Count(TaskRecord task, int sign)
    {
        if (task.NodeId.IsNone) return;
        bool live = IsLive(task), failed = HasFailed(task), active = IsActive(task);
        if (!live && !failed) return;

        if (active || failed) CountShare(task, task.NodeId, active ? sign : 0, failed ? sign : 0);
        if (!live) return;

        // Only live tasks keep the entry of a node that was removed.
        NodeLoad load = GetOrAdd(task.NodeId);

        // They are sorted by what is about to change.
        if (active) _available.Remove(load);
        TemplateUse use = _templates.GetValueOrDefault(task.Template) ?? (_templates[task.Template] = new());
        use.Tasks += sign;
        load.Reserved = sign > 0 ? load.Reserved + use.Reservation : load.Reserved - use.Reservation;
        load.Live += sign;
        if (active) load.Active += sign;
        Drop(task.Template, use);
        if (active && load.IsAvailable) _available.Add(load);
        DropUnused(load);
    }

    private void CountShare(TaskRecord task, NodeId node, int active, int failure)
    {
        if (!_services.TryGetValue(task.ServiceId, out Dictionary<NodeId, ServiceShare>? shares)) _services[task.ServiceId] = shares = [];
        if (!shares.TryGetValue(node, out ServiceShare? share)) shares[node] = share = new();
        share.Active += active;
        if (failure > 0) share.AddFailure(task.Status.Since);
        if (failure < 0) share.RemoveFailure(task.Status.Since);
        if (!share.IsEmpty) return;
        shares.Remove(node);
        if (shares.Count == 0) _services.Remove(task.ServiceId);
    }

    private NodeLoad GetOrAdd(NodeId id)
    {
        if (_nodes.TryGetValue(id, out NodeLoad? load)) return load;
        return _nodes[id] = new NodeLoad(id);
    }

    private void DropUnused(NodeLoad load)
    {
        if (load.Node is null && load.Live == 0) _nodes.Remove(load.Id);
    }

    private void Drop(TemplateId id, TemplateUse use)
    {
        if (!use.Exists && use.Tasks == 0) _templates.Remove(id);
    }

    private sealed class TemplateUse
    {
        public bool Exists { get; set; }

        public Resources Reservation { get; set; }

        public int Tasks { get; set; }
    }
}
