using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Control.Scheduling;

/// <summary>
/// Spreading over label values first: a tree of branches, one level for each label. On each level the branch with the fewest tasks of
/// the service is taken among those that still have a node to offer; nodes without the label are a branch of their own (as in Swarm).
/// Best effort: a branch that is full does not hold up the others.
/// </summary>
internal sealed class SpreadCandidates : ICandidateSource
{
    private const string NodeLabel = "node.labels.";
    private const string EngineLabel = "engine.labels.";

    private readonly Branch _root = new();
    private readonly CandidateRanking _ranking;
    private readonly ValueList<string> _keys;

    public SpreadCandidates(ClusterLoad load, CandidateRanking ranking, ValueList<string> keys)
    {
        (_ranking, _keys) = (ranking, keys);
        foreach (NodeLoad node in load.Available)
        {
            foreach (Branch branch in Path(node)) branch.Active += ranking.ActiveOn(node.Id);
            Offer(node);
        }
    }

    public bool TryTake(out NodeLoad node)
    {
        List<Branch> path = [_root];
        while (path[^1].Children.Count > 0)
        {
            // Sorted by label value, so that the first of equals is always the same.
            Branch? best = null;
            foreach (Branch child in path[^1].Children.Values)
            {
                if (child.Offers > 0 && (best is null || child.Active < best.Active)) best = child;
            }

            if (best is null) break;
            path.Add(best);
        }

        if (!path[^1].Nodes.TryDequeue(out node!, out _)) return false;
        foreach (Branch branch in path) branch.Offers--;
        return true;
    }

    public void Return(NodeLoad node)
    {
        foreach (Branch branch in Path(node)) branch.Active++;
        Offer(node);
    }

    private void Offer(NodeLoad node)
    {
        Branch? leaf = null;
        foreach (Branch branch in Path(node))
        {
            branch.Offers++;
            leaf = branch;
        }

        leaf!.Nodes.Enqueue(node, _ranking.Rank(node));
    }

    private IEnumerable<Branch> Path(NodeLoad node)
    {
        Branch branch = _root;
        yield return branch;
        foreach (string key in _keys)
        {
            string value = ValueOf(node.Node!, key);
            if (!branch.Children.TryGetValue(value, out Branch? child)) branch.Children[value] = child = new();
            branch = child;
            yield return branch;
        }
    }

    private static string ValueOf(NodeRecord node, string key) =>
        key.StartsWith(NodeLabel, StringComparison.OrdinalIgnoreCase) ? node.Spec.Labels.Get(key[NodeLabel.Length..]) ?? ""
        : key.StartsWith(EngineLabel, StringComparison.OrdinalIgnoreCase) ? node.Description.EngineLabels.Get(key[EngineLabel.Length..]) ?? ""
        : "";

    private sealed class Branch
    {
        public SortedDictionary<string, Branch> Children { get; } = new(StringComparer.Ordinal);

        public PriorityQueue<NodeLoad, Candidate> Nodes { get; } = new();

        /// <summary>Tasks of the service on the branch's nodes.</summary>
        public int Active { get; set; }

        /// <summary>Nodes of the branch that can still be taken.</summary>
        public int Offers { get; set; }
    }
}
