namespace Cluster.Store;

/// <summary>The tables, in the order in which changes, entries and snapshots list their rows.</summary>
public enum Table
{
    Cluster,
    Nodes,
    Services,
    Templates,
    Tasks,
    PortClaims,
    RestartHistories,
    Requests,
}
