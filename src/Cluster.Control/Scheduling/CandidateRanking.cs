using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Control.Scheduling;

/// <summary>Ranks nodes for one service at one time.</summary>
internal sealed class CandidateRanking(ClusterLoad load, ServiceId service, ClusterTime now)
{
    /// <summary>A node on which the service failed this often within <see cref="FailureWindow"/> comes last (Swarm's numbers).</summary>
    public const int ManyFailures = 5;

    public static readonly TimeSpan FailureWindow = TimeSpan.FromMinutes(5);

    // Made with the service's first share, which may come while its tasks are placed.
    private Dictionary<NodeId, ServiceShare>? _shares;

    private readonly ClusterTime _failuresSince = now.Ticks > FailureWindow.Ticks ? new(now.Ticks - FailureWindow.Ticks) : ClusterTime.Zero;

    /// <summary>In no order.</summary>
    public IEnumerable<NodeId> NodesWithShare => load.SharesOf(service)?.Keys ?? Enumerable.Empty<NodeId>();

    public bool HasShare(NodeId node) => ShareOn(node) is not null;

    public int ActiveOn(NodeId node) => ShareOn(node)?.Active ?? 0;

    public Candidate Rank(NodeLoad node)
    {
        ServiceShare? share = ShareOn(node.Id);
        return new(share is not null && share.FailuresSince(_failuresSince) >= ManyFailures, share?.Active ?? 0, node.Active, node.Id);
    }

    private ServiceShare? ShareOn(NodeId node) => (_shares ??= load.SharesOf(service))?.GetValueOrDefault(node);
}
