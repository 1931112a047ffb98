using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store.Rows;

namespace Cluster.Store.Replication;

/// <summary>Applies the rows and keys of an entry to tables.</summary>
internal static class EntryRows
{
    /// <summary>
    /// Net changes have no order, so that a name or a port may go from one row to another within them: whatever has a unique index
    /// is taken out before anything is put in.
    /// </summary>
    public static List<Change> Apply(ref Tables tables, IReadOnlyList<object> puts, IReadOnlyList<object> deletes)
    {
        List<Change> changes = new(puts.Count + deletes.Count);
        foreach (object key in deletes)
        {
            object? before = Delete(ref tables, key);
            Invariant.Check(before is not null, $"a committed entry deletes a row that is not there: {key}");
            changes.Add(new(TableOf(before), before, null));
        }

        object?[] befores = new object?[puts.Count];
        for (int i = 0; i < befores.Length; i++) befores[i] = TakeOut(ref tables, puts[i]);
        for (int i = 0; i < befores.Length; i++)
        {
            object? before = Put(ref tables, puts[i]) ?? befores[i];
            changes.Add(new(TableOf(puts[i]), before, puts[i]));
        }

        return changes;
    }

    /// <summary>The row before, if there was one.</summary>
    public static object? Put(ref Tables tables, object row) => row switch
    {
        TaskRecord task => tables.Put(task),
        NodeRecord node => tables.Put(node),
        ServiceRecord service => tables.Put(service),
        TaskTemplate template => tables.Put(template),
        PortClaim claim => tables.Put(claim),
        RestartHistory history => tables.Put(history),
        RequestRecord request => tables.Put(request),
        ClusterRecord cluster => tables.Put(cluster),
        _ => throw new InvariantException($"{row.GetType()} is not a row of the store"),
    };

    public static Table TableOf(object row) => row switch
    {
        TaskRecord => Table.Tasks,
        NodeRecord => Table.Nodes,
        ServiceRecord => Table.Services,
        TaskTemplate => Table.Templates,
        PortClaim => Table.PortClaims,
        RestartHistory => Table.RestartHistories,
        RequestRecord => Table.Requests,
        ClusterRecord => Table.Cluster,
        _ => throw new InvariantException($"{row.GetType()} is not a row of the store"),
    };

    /// <summary>The key as the codec of keys knows it.</summary>
    public static object KeyOf(object row) => row switch
    {
        TaskRecord task => task.Id,
        NodeRecord node => node.Id,
        ServiceRecord service => service.Id,
        TaskTemplate template => template.Id,
        PortClaim claim => claim.Key,
        RestartHistory history => history.Key,
        RequestRecord request => request.Id,
        _ => throw new InvariantException($"a row of {row.GetType()} cannot be deleted"),
    };

    private static object? TakeOut(ref Tables tables, object row) => row switch
    {
        NodeRecord node => tables.DeleteNode(node.Id),
        ServiceRecord service => tables.DeleteService(service.Id),
        PortClaim claim => tables.DeletePortClaim(claim.Key),
        _ => null,
    };

    private static object? Delete(ref Tables tables, object key) => key switch
    {
        TaskId id => tables.DeleteTask(id),
        NodeId id => tables.DeleteNode(id),
        ServiceId id => tables.DeleteService(id),
        TemplateId id => tables.DeleteTemplate(id),
        PortClaimKey id => tables.DeletePortClaim(id),
        SlotKey id => tables.DeleteRestartHistory(id),
        RequestId id => tables.DeleteRequest(id),
        _ => throw new InvariantException($"a row with a key of {key.GetType()} cannot be deleted"),
    };
}
