using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Time;
using Cluster.Store;

namespace Cluster.Control;

/// <summary>
/// What a loop gets from outside during one pass: time, ids, chance, the budget, and the way to write. Every write goes to the
/// transaction, counts against the budget and is shown at once to caches and loops. One pass, one thread.
/// </summary>
internal sealed class DecisionContext
{
    private readonly WorkingTransaction _transaction;
    private readonly IIdSource _ids;
    private readonly KernelOptions _options;
    private readonly Action<Change> _written;
    private readonly HashSet<TaskId> _touchedTasks = [];
    private double _share = 1;
    private int _rows;
    private int _bytes;
    private int _examined;

    public DecisionContext(WorkingTransaction transaction, IIdSource ids, Random random, KernelOptions options, Action<Change> written)
    {
        (_transaction, _ids, Random, _options, _written) = (transaction, ids, random, options, written);
    }

    public ClusterTime Now => _transaction.Now;

    public Random Random { get; }

    public KernelOptions Options => _options;

    public TaskId NewTaskId() => new(_ids.Next());

    /// <summary>The part of the budget that may be used up until the next call: later loops of the pass need some too.</summary>
    public void LimitTo(double share)
    {
        _share = share;
        _examined = 0;
    }

    /// <summary>Whether this many more rows fit; a loop asks before each step that must not be torn apart.</summary>
    public bool HasRoom(int rows) => _rows + rows <= _options.MaxRows * _share && _bytes + rows * RowSize.Typical <= _options.MaxBytes * _share;

    /// <summary>Whether a loop may turn to its next key, which writes this many rows at least.</summary>
    public bool MayStart(int rows) => HasRoom(rows) && _examined <= _options.MaxExamined;

    /// <summary>Counts rows that the loop has read from lists.</summary>
    public void Examined(int rows) => _examined += rows;

    public void Put(TaskRecord? before, TaskRecord after)
    {
        _transaction.Put(after);
        if (_touchedTasks.Add(after.Id)) Count(RowSize.Of(after));
        _written(new Change(Table.Tasks, before, after));
    }

    public void Delete(TaskRecord task)
    {
        _transaction.DeleteTask(task.Id);
        if (_touchedTasks.Add(task.Id)) Count(RowSize.Typical);
        _written(new Change(Table.Tasks, task, null));
    }

    public void Put(ClusterRecord before, ClusterRecord after)
    {
        _transaction.Put(after);
        Count(RowSize.Typical);
        _written(new Change(Table.Cluster, before, after));
    }

    public void Put(PortClaim claim)
    {
        _transaction.Put(claim);
        Count(RowSize.Typical);
        _written(new Change(Table.PortClaims, null, claim));
    }

    public void Put(RestartHistory? before, RestartHistory after)
    {
        _transaction.Put(after);
        Count(RowSize.Of(after));
        _written(new Change(Table.RestartHistories, before, after));
    }

    public void Delete(RestartHistory history)
    {
        _transaction.DeleteRestartHistory(history.Key);
        Count(RowSize.Typical);
        _written(new Change(Table.RestartHistories, history, null));
    }

    public void Delete(ServiceRecord service)
    {
        _transaction.DeleteService(service.Id);
        Count(RowSize.Typical);
        _written(new Change(Table.Services, service, null));
    }

    public void Delete(TaskTemplate template)
    {
        _transaction.DeleteTemplate(template.Id);
        Count(RowSize.Typical);
        _written(new Change(Table.Templates, template, null));
    }

    /// <summary>Gives back the ports of a task that has ended or is about to be deleted.</summary>
    public void ReleasePorts(TaskRecord task)
    {
        foreach (PortClaim claim in Allocation.HostPortClaims.Of(_transaction, task))
        {
            _transaction.DeletePortClaim(claim.Key);
            Count(RowSize.Typical);
            _written(new Change(Table.PortClaims, claim, null));
        }
    }

    private void Count(int bytes)
    {
        _rows++;
        _bytes += bytes;
    }
}
