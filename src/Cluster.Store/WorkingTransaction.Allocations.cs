using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store.Rows;

namespace Cluster.Store;

public sealed partial class WorkingTransaction
{
    /// <summary>Claims the port; a port that belongs to another task has to be given back first.</summary>
    public void Put(PortClaim row)
    {
        Changing();
        PortClaim? basis = _basis.GetPortClaim(row.Key);
        if (basis == row) row = basis;
        _tables.Put(row);
        Delta.Note(ref _delta.PortClaims, row.Key, basis, row);
    }

    public bool DeletePortClaim(PortClaimKey key)
    {
        Changing();
        if (_tables.DeletePortClaim(key) is null) return false;
        Delta.Note(ref _delta.PortClaims, key, _basis.GetPortClaim(key), null);
        return true;
    }

    public void Put(RestartHistory row)
    {
        Changing();
        RestartHistory? basis = _basis.GetRestartHistory(row.Key);
        if (basis == row) row = basis;
        _tables.Put(row);
        Delta.Note(ref _delta.RestartHistories, row.Key, basis, row);
    }

    public bool DeleteRestartHistory(SlotKey key)
    {
        Changing();
        if (_tables.DeleteRestartHistory(key) is null) return false;
        Delta.Note(ref _delta.RestartHistories, key, _basis.GetRestartHistory(key), null);
        return true;
    }

    public void Put(RequestRecord row)
    {
        Changing();
        RequestRecord? basis = _basis.GetRequest(row.Id);
        if (basis == row) row = basis;
        _tables.Put(row);
        Delta.Note(ref _delta.Requests, row.Id, basis, row);
    }

    public bool DeleteRequest(RequestId id)
    {
        Changing();
        if (_tables.DeleteRequest(id) is null) return false;
        Delta.Note(ref _delta.Requests, id, _basis.GetRequest(id), null);
        return true;
    }
}
