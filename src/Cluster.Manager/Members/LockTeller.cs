using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Manager.Members;

/// <summary>Tells this manager's daemon how the cluster wants its managers' keys sealed, whenever the committed row says something new. On the control thread.</summary>
internal sealed class LockTeller(Action<ClusterLock> tell)
{
    private ClusterLock? _told;

    public void Follow(StoreView state)
    {
        if (state.Cluster is not { } cluster || cluster.Lock == _told) return;
        _told = cluster.Lock;
        tell(cluster.Lock);
    }

    public void Follow(StoreSnapshot state, IReadOnlyList<Change> changes)
    {
        if (changes.Any(static change => change.Table == Table.Cluster)) Follow(state);
    }
}
