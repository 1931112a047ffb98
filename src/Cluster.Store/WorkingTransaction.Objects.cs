using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store.Rows;

namespace Cluster.Store;

public sealed partial class WorkingTransaction
{
    public void Put(ClusterRecord row)
    {
        Changing();
        ClusterRecord? basis = _basis.Cluster;
        row = basis == row with { Meta = basis?.Meta ?? default } ? basis : row with { Meta = Stamp(basis?.Meta) };
        _tables.Put(row);
        _delta.Cluster = ReferenceEquals(basis, row) ? null : new(basis, row);
    }

    public void Put(NodeRecord row)
    {
        Changing();
        NodeRecord? basis = _basis.GetNode(row.Id);
        row = basis is not null && basis == row with { Meta = basis.Meta } ? basis : row with { Meta = Stamp(basis?.Meta) };
        _tables.Put(row);
        Delta.Note(ref _delta.Nodes, row.Id, basis, row);
    }

    /// <summary>Whether there was such a node. The same holds for the other deletions.</summary>
    public bool DeleteNode(NodeId id)
    {
        Changing();
        if (_tables.DeleteNode(id) is null) return false;
        Delta.Note(ref _delta.Nodes, id, _basis.GetNode(id), null);
        return true;
    }

    public void Put(ServiceRecord row)
    {
        Changing();
        ServiceRecord? basis = _basis.GetService(row.Id);
        row = basis is not null && basis == row with { Meta = basis.Meta } ? basis : row with { Meta = Stamp(basis?.Meta) };
        _tables.Put(row);
        Delta.Note(ref _delta.Services, row.Id, basis, row);
    }

    public bool DeleteService(ServiceId id)
    {
        Changing();
        if (_tables.DeleteService(id) is null) return false;
        Delta.Note(ref _delta.Services, id, _basis.GetService(id), null);
        return true;
    }

    public void Put(TaskTemplate row)
    {
        Changing();
        TaskTemplate? basis = _basis.GetTemplate(row.Id);
        row = basis is not null && basis == row with { Meta = basis.Meta } ? basis : row with { Meta = Stamp(basis?.Meta) };
        _tables.Put(row);
        Delta.Note(ref _delta.Templates, row.Id, basis, row);
    }

    public bool DeleteTemplate(TemplateId id)
    {
        Changing();
        if (_tables.DeleteTemplate(id) is null) return false;
        Delta.Note(ref _delta.Templates, id, _basis.GetTemplate(id), null);
        return true;
    }

    public void Put(TaskRecord row)
    {
        Changing();

        // What is not in the delta is as it was; the delta is small.
        TaskRecord? basis = _delta.Tasks.TryGet(row.Id, out RowChange<TaskRecord> noted) ? noted.Before : _tables.Tasks.Get(row.Id);
        row = basis is not null && basis == row with { Meta = basis.Meta } ? basis : row with { Meta = Stamp(basis?.Meta) };
        _tables.Put(row);
        Delta.Note(ref _delta.Tasks, row.Id, basis, row);
    }

    public bool DeleteTask(TaskId id)
    {
        Changing();
        if (_tables.DeleteTask(id) is null) return false;
        Delta.Note(ref _delta.Tasks, id, _basis.GetTask(id), null);
        return true;
    }
}
