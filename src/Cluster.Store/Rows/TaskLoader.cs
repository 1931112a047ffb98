using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store.Maps;

namespace Cluster.Store.Rows;

/// <summary>Fills the task tables at once from tasks in the order of their ids: faster than one by one, and packed.</summary>
internal sealed class TaskLoader
{
    private readonly List<TaskRecord> _tasks = [];
    private readonly Dictionary<TemplateId, int> _uses = [];

    public void Add(TaskRecord task)
    {
        _tasks.Add(task);
        _uses[task.Template] = _uses.GetValueOrDefault(task.Template) + 1;
    }

    public void LoadInto(ref Tables tables)
    {
        Invariant.Check(tables.Tasks.Count == 0, "tasks are loaded at once into empty tables");
        TaskId[] ids = new TaskId[_tasks.Count];
        for (int i = 0; i < ids.Length; i++) ids[i] = _tasks[i].Id;
        tables.Tasks = SortedMap<TaskId, TaskRecord>.FromSorted(ids, _tasks.ToArray());
        tables.TasksByService = Index(_ => true, task => new ServiceTaskKey(task.ServiceId, task.Id, task.Slot));
        tables.TasksByNode = Index(task => !task.NodeId.IsNone, task => new NodeTaskKey(task.NodeId, task.Id));
        foreach ((TemplateId template, int uses) in _uses) tables.Refer(template, uses);
    }

    private SortedMap<TKey, TaskRecord> Index<TKey>(Func<TaskRecord, bool> isIn, Func<TaskRecord, TKey> keyOf)
        where TKey : struct, IComparable<TKey>
    {
        TaskRecord[] tasks = [.. _tasks.Where(isIn)];
        TKey[] keys = Array.ConvertAll(tasks, task => keyOf(task));
        Array.Sort(keys, tasks);
        return SortedMap<TKey, TaskRecord>.FromSorted(keys, tasks);
    }
}
