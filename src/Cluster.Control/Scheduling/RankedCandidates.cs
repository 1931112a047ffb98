using Cluster.Model.Ids;

namespace Cluster.Control.Scheduling;

/// <summary>
/// Plain spreading. Of the nodes that have nothing of the service only the best ones are looked at, as many as there are tasks: the
/// others cannot be needed. Nodes that have something are all looked at. Ranks are never equal, so the order of looking does not matter.
/// </summary>
internal sealed class RankedCandidates : ICandidateSource
{
    private readonly PriorityQueue<NodeLoad, Candidate> _queue;
    private readonly CandidateRanking _ranking;

    /// <param name="load">Where the nodes are.</param>
    /// <param name="ranking">The service's preferences.</param>
    /// <param name="fits">Asked for nodes that have nothing of the service.</param>
    /// <param name="tasks">How many tasks are to be placed.</param>
    public RankedCandidates(ClusterLoad load, CandidateRanking ranking, Func<NodeLoad, bool> fits, int tasks)
    {
        _ranking = ranking;
        List<(NodeLoad Node, Candidate Rank)> first = [];
        int fresh = 0;
        foreach (NodeLoad node in load.Available)
        {
            if (fresh == tasks) break;
            if (ranking.HasShare(node.Id) || !fits(node)) continue;
            fresh++;
            first.Add((node, ranking.Rank(node)));
        }

        foreach (NodeId id in ranking.NodesWithShare)
        {
            if (load.Find(id) is { IsAvailable: true } node) first.Add((node, ranking.Rank(node)));
        }

        _queue = new(first);
    }

    public bool TryTake(out NodeLoad node) => _queue.TryDequeue(out node!, out _);

    public void Return(NodeLoad node) => _queue.Enqueue(node, _ranking.Rank(node));
}
