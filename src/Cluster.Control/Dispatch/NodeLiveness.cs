using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;

namespace Cluster.Control.Dispatch;

/// <summary>
/// The leader's view of which nodes live. It holds deadlines, not facts: a new leader begins with a full span for every node and
/// writes no row, so a leader change does not touch the workers. One owner, one thread. The owner submits
/// <see cref="NodeStatusUpdates"/> for the nodes that are named here.
/// </summary>
public sealed class NodeLiveness(TimeSpan heartbeatPeriod, int missedPeriods = 3)
{
    private readonly Dictionary<NodeId, Entry> _nodes = [];
    private readonly SortedSet<(ClusterTime At, NodeId Node)> _deadlines = [];

    /// <summary>Counts for nodes without a session; a session says its own.</summary>
    public TimeSpan HeartbeatPeriod { get; set; } = heartbeatPeriod;

    /// <summary>When to ask for <see cref="Expired"/>.</summary>
    public ClusterTime? NextExpiry => _deadlines.Count == 0 ? null : _deadlines.Min.At;

    /// <summary>Leadership begins, or speculation was dropped: every node that is not down gets a full span from now.</summary>
    public void Begin(StoreView view, ClusterTime now)
    {
        _nodes.Clear();
        _deadlines.Clear();
        foreach (NodeRecord node in view.Nodes) Add(node, now);
    }

    /// <summary>Takes in changes of node rows; others are ignored.</summary>
    public void Note(Change change, ClusterTime now)
    {
        if (change.Table != Table.Nodes) return;
        NodeRecord row = (NodeRecord)change.Row;
        if (change.IsDeletion || !_nodes.TryGetValue(row.Id, out Entry? entry))
        {
            Forget(row.Id);
            if (!change.IsDeletion) Add(row, now);
            return;
        }

        entry.State = row.Status.State;
        if (entry.State == NodeState.Down) SetDeadline(row.Id, entry, null);
        else if (entry.Deadline is null) SetDeadline(row.Id, entry, now + HeartbeatPeriod * missedPeriods);
    }

    /// <summary>
    /// A sign of life, from a session of this manager or of another one. True: the session must end, because the row does not say Ready, so
    /// that the node must be marked by a new one, or because a newer session of the node was heard of. The agent may have given that one up
    /// before it began (its call arrived late), and then the older would never count again: it comes back with a newer one instead.
    /// </summary>
    public bool Heard(NodeId node, ulong epoch, TimeSpan period, ClusterTime at)
    {
        if (!_nodes.TryGetValue(node, out Entry? entry)) return false;
        if (epoch < entry.Epoch) return true;
        entry.Epoch = epoch;
        ClusterTime deadline = at + period * missedPeriods;
        if (entry.State != NodeState.Down && (entry.Deadline is null || deadline > entry.Deadline)) SetDeadline(node, entry, deadline);
        return entry.State != NodeState.Ready;
    }

    /// <summary>The nodes that have to be marked as down. Each is named again a period later if that did not happen.</summary>
    public IReadOnlyList<NodeId> Expired(ClusterTime now)
    {
        List<NodeId> expired = [];
        while (_deadlines.Count > 0 && _deadlines.Min.At <= now)
        {
            NodeId node = _deadlines.Min.Node;
            expired.Add(node);
            SetDeadline(node, _nodes[node], now + HeartbeatPeriod);
        }

        return expired;
    }

    private void Add(NodeRecord row, ClusterTime now)
    {
        Entry entry = new() { State = row.Status.State };
        _nodes[row.Id] = entry;
        if (entry.State != NodeState.Down) SetDeadline(row.Id, entry, now + HeartbeatPeriod * missedPeriods);
    }

    private void Forget(NodeId node)
    {
        if (_nodes.Remove(node, out Entry? entry) && entry.Deadline is { } deadline) _deadlines.Remove((deadline, node));
    }

    private void SetDeadline(NodeId node, Entry entry, ClusterTime? deadline)
    {
        if (entry.Deadline is { } old) _deadlines.Remove((old, node));
        entry.Deadline = deadline;
        if (deadline is { } at) _deadlines.Add((at, node));
    }

    private sealed class Entry
    {
        public NodeState State { get; set; }

        public ulong Epoch { get; set; }

        public ClusterTime? Deadline { get; set; }
    }
}
