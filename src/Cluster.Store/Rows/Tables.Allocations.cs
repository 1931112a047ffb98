using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Store.Rows;

internal partial struct Tables
{
    public PortClaim? Put(PortClaim row)
    {
        PortClaim? before = PortClaims.Get(row.Key);
        Invariant.Check(before is null || before.TaskId == row.TaskId, $"port {row.Key.Port} of node {row.Key.NodeId} belongs to task {before?.TaskId}");
        PortClaims.Set(row.Key, row);
        return before;
    }

    public PortClaim? DeletePortClaim(PortClaimKey key)
    {
        PortClaim? before = PortClaims.Get(key);
        if (before is not null) PortClaims.Remove(key);
        return before;
    }

    public RestartHistory? Put(RestartHistory row)
    {
        RestartHistory? before = RestartHistories.Get(row.Key);
        RestartHistories.Set(row.Key, row);
        return before;
    }

    public RestartHistory? DeleteRestartHistory(SlotKey key)
    {
        RestartHistory? before = RestartHistories.Get(key);
        if (before is not null) RestartHistories.Remove(key);
        return before;
    }

    public RequestRecord? Put(RequestRecord row)
    {
        Invariant.Check(!row.Id.IsNone, "a request needs an id");
        RequestRecord? before = Requests.Get(row.Id);
        if (before is not null) RequestsByAge.Remove(new(before.At, before.Id));
        Requests.Set(row.Id, row);
        RequestsByAge.Set(new(row.At, row.Id), row);
        return before;
    }

    public RequestRecord? DeleteRequest(RequestId id)
    {
        RequestRecord? before = Requests.Get(id);
        if (before is null) return null;
        RequestsByAge.Remove(new(before.At, before.Id));
        Requests.Remove(id);
        return before;
    }
}
