using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Store.Replication;

/// <summary>The order of net changes: by table, then key.</summary>
internal static class ChangeOrder
{
    public static int Compare(Change a, Change b)
    {
        int order = ((int)a.Table).CompareTo((int)b.Table);
        return order == 0 ? CompareRows(a.Row, b.Row) : order;
    }

    private static int CompareRows(object a, object b) => (a, b) switch
    {
        (TaskRecord x, TaskRecord y) => x.Id.CompareTo(y.Id),
        (NodeRecord x, NodeRecord y) => x.Id.CompareTo(y.Id),
        (ServiceRecord x, ServiceRecord y) => x.Id.CompareTo(y.Id),
        (TaskTemplate x, TaskTemplate y) => x.Id.CompareTo(y.Id),
        (PortClaim x, PortClaim y) => x.Key.CompareTo(y.Key),
        (RestartHistory x, RestartHistory y) => x.Key.CompareTo(y.Key),
        (RequestRecord x, RequestRecord y) => x.Id.CompareTo(y.Id),
        (ClusterRecord, ClusterRecord) => 0,
        _ => throw new InvariantException($"{a.GetType()} and {b.GetType()} are not rows of one table"),
    };
}
