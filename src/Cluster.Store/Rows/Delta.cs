using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store.Maps;

namespace Cluster.Store.Rows;

/// <summary>The net changes of a transaction, by key. As with the maps, copy it by <see cref="Freeze"/> only.</summary>
internal struct Delta
{
    public RowChange<ClusterRecord>? Cluster;
    public SortedMap<NodeId, RowChange<NodeRecord>> Nodes;
    public SortedMap<ServiceId, RowChange<ServiceRecord>> Services;
    public SortedMap<TemplateId, RowChange<TaskTemplate>> Templates;
    public SortedMap<TaskId, RowChange<TaskRecord>> Tasks;
    public SortedMap<PortClaimKey, RowChange<PortClaim>> PortClaims;
    public SortedMap<SlotKey, RowChange<RestartHistory>> RestartHistories;
    public SortedMap<RequestId, RowChange<RequestRecord>> Requests;

    public readonly int Count =>
        (Cluster is null ? 0 : 1) + Nodes.Count + Services.Count + Templates.Count + Tasks.Count + PortClaims.Count + RestartHistories.Count + Requests.Count;

    public Delta Freeze()
    {
        Nodes.Freeze();
        Services.Freeze();
        Templates.Freeze();
        Tasks.Freeze();
        PortClaims.Freeze();
        RestartHistories.Freeze();
        Requests.Freeze();
        return this;
    }

    /// <summary>Notes that the row, which was <paramref name="basis"/> before the transaction, is now <paramref name="now"/>.</summary>
    public static void Note<TKey, TRow>(ref SortedMap<TKey, RowChange<TRow>> changes, in TKey key, TRow? basis, TRow? now)
        where TKey : struct, IComparable<TKey>
        where TRow : class
    {
        if (ReferenceEquals(basis, now)) changes.Remove(key);
        else changes.Set(key, new(basis, now));
    }

    public List<Change> ToList()
    {
        List<Change> list = new(Count);
        if (Cluster is { } cluster) list.Add(new(Table.Cluster, cluster.Before, cluster.After));
        Add(list, Table.Nodes, ref Nodes);
        Add(list, Table.Services, ref Services);
        Add(list, Table.Templates, ref Templates);
        Add(list, Table.Tasks, ref Tasks);
        Add(list, Table.PortClaims, ref PortClaims);
        Add(list, Table.RestartHistories, ref RestartHistories);
        Add(list, Table.Requests, ref Requests);
        return list;
    }

    private static void Add<TKey, TRow>(List<Change> list, Table table, ref SortedMap<TKey, RowChange<TRow>> changes)
        where TKey : struct, IComparable<TKey>
        where TRow : class
    {
        if (changes.Count == 0) return;
        foreach (RowChange<TRow> change in changes.All()) list.Add(new(table, change.Before, change.After));
    }
}
