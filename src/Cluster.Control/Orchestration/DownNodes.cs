using System.Globalization;
using System.Text;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Control.Orchestration;

/// <summary>The nodes that are down, by since when. A cache of node rows.</summary>
internal sealed class DownNodes
{
    private readonly SortedSet<(ClusterTime Since, NodeId Id)> _nodes = [];

    /// <summary>The longest down first.</summary>
    public IEnumerable<(ClusterTime Since, NodeId Id)> Nodes => _nodes;

    public void Apply(NodeRecord? before, NodeRecord? after)
    {
        if (before is { Status.State: NodeState.Down }) _nodes.Remove((before.Status.Since, before.Id));
        if (after is { Status.State: NodeState.Down }) _nodes.Add((after.Status.Since, after.Id));
    }

    public void Clear() => _nodes.Clear();

    public void AppendTo(StringBuilder text)
    {
        foreach ((ClusterTime since, NodeId id) in _nodes) text.Append(CultureInfo.InvariantCulture, $"down {since} {id}\n");
    }
}
