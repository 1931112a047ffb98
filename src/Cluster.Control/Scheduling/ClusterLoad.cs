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

    // Only looked up; walked in sorted order where order matters.
    private readonly SortedDictionary<NodeId, NodeLoad> _nodes = [];
    private readonly Dictionary<ServiceId, SortedDictionary<NodeId, ServiceShare>> _services = [];
    private readonly Dictionary<TemplateId, TemplateUse> _templates = [];
    private readonly SortedSet<NodeLoad> _available = new(ByLoad);

    /// <summary>All nodes, by id; also removed ones that tasks still name.</summary>
    public IEnumerable<NodeLoad> Nodes => _nodes.Values;

    /// <summary>Ready and active nodes: fewest active tasks first, then by id. Not to be walked while tasks are placed.</summary>
    public IEnumerable<NodeLoad> Available => _available;

    public int AvailableCount => _available.Count;

    public NodeLoad? Find(NodeId id) => _nodes.GetValueOrDefault(id);

    /// <summary>What the nodes have of the service, by node id; null when nothing.</summary>
    public SortedDictionary<NodeId, ServiceShare>? SharesOf(ServiceId service) => _services.GetValueOrDefault(service);

    public void Apply(NodeRecord? before, NodeRecord? after)
    {
        NodeLoad load = GetOrAdd((after ?? before)!.Id);
        _available.Remove(load);
        load.Node = after;
        Settle(load);
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
        bool same = before is not null && after is not null && before.NodeId == after.NodeId && before.Status.State == after.Status.State
            && before.DesiredState == after.DesiredState && before.Status.Since == after.Status.Since;
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
        foreach (NodeLoad load in _nodes.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"node {load.Id} cpu {load.Reserved.NanoCpus} memory {load.Reserved.MemoryBytes} live {load.Live} active {load.Active} available {_available.Contains(load)}\n");
        }

        foreach ((ServiceId service, SortedDictionary<NodeId, ServiceShare> shares) in _services.OrderBy(static s => s.Key))
        {
            foreach ((NodeId node, ServiceShare share) in shares)
            {
                text.Append(CultureInfo.InvariantCulture, $"share {service} {node} active {share.Active} failures {string.Join(',', share.Failures)}\n");
            }
        }

        foreach ((TemplateId id, TemplateUse use) in _templates.OrderBy(static t => t.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"template {id} {use.Reservation} used {use.Tasks}\n");
        }
    }

    private void Count(TaskRecord task, int sign)
    {
        if (task.NodeId.IsNone) return;
        bool live = !task.Status.State.IsTerminal();
        bool failed = task.Status.State is TaskState.Failed or TaskState.Rejected;
        if (!live && !failed) return;

        bool active = live && task.DesiredState <= TaskState.Running;
        if (active || failed) CountShare(task, task.NodeId, active ? sign : 0, failed ? sign : 0);
        if (!live) return;

        // Only live tasks keep the entry of a node that was removed.
        NodeLoad load = GetOrAdd(task.NodeId);
        _available.Remove(load);
        TemplateUse use = _templates.GetValueOrDefault(task.Template) ?? (_templates[task.Template] = new());
        use.Tasks += sign;
        load.Reserved = sign > 0 ? load.Reserved + use.Reservation : load.Reserved - use.Reservation;
        load.Live += sign;
        if (active) load.Active += sign;
        Drop(task.Template, use);
        Settle(load);
    }

    private void CountShare(TaskRecord task, NodeId node, int active, int failure)
    {
        if (!_services.TryGetValue(task.ServiceId, out SortedDictionary<NodeId, ServiceShare>? shares)) _services[task.ServiceId] = shares = [];
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

    private void Settle(NodeLoad load)
    {
        if (load.IsAvailable) _available.Add(load);
        if (load.Node is not null || load.Live != 0) return;
        _nodes.Remove(load.Id);
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
