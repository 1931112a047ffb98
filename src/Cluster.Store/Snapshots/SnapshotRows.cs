namespace Cluster.Store.Snapshots;

/// <summary>All rows of a state, in the order of a snapshot.</summary>
internal static class SnapshotRows
{
    public static long Count(StoreSnapshot snapshot) => Of(snapshot, tasks: false).LongCount() + snapshot.TaskCount;

    public static IEnumerable<object> Of(StoreSnapshot snapshot) => Of(snapshot, tasks: true);

    private static IEnumerable<object> Of(StoreSnapshot snapshot, bool tasks)
    {
        IEnumerable<object> rows = snapshot.Cluster is { } cluster ? [cluster] : [];
        rows = rows.Concat(snapshot.Nodes).Concat(snapshot.Services).Concat(snapshot.Templates);
        if (tasks) rows = rows.Concat(snapshot.Tasks);
        return rows.Concat(snapshot.PortClaims).Concat(snapshot.RestartHistories).Concat(snapshot.Requests);
    }
}
