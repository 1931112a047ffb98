using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Cli.Services;

/// <summary>
/// How far a service is from what its spec wants, kept from a list and the changes after it. Pure: no clock, no calls.
/// </summary>
internal sealed class ServiceProgress(ServiceRecord service, IEnumerable<TaskRecord> tasks)
{
    private readonly Dictionary<TaskId, TaskRecord> _tasks = tasks.ToDictionary(task => task.Id);

    public ServiceRecord Service { get; private set; } = service;

    public bool IsRemoved { get; private set; }

    /// <summary>Tasks that the service shall have.</summary>
    public int Wanted => Service.Spec.Replicas;

    public void Put(ServiceRecord changed)
    {
        if (changed.Meta.Version > Service.Meta.Version) Service = changed;
    }

    /// <summary>Changes that are older than what is held already are ignored.</summary>
    public void Put(TaskRecord changed)
    {
        if (!_tasks.TryGetValue(changed.Id, out TaskRecord? held) || changed.Meta.Version > held.Meta.Version) _tasks[changed.Id] = changed;
    }

    public void Delete(TaskId id) => _tasks.Remove(id);

    public void DeleteService() => IsRemoved = true;

    /// <summary>The task that counts for each slot, in the order of slots: the newest.</summary>
    public IReadOnlyList<TaskRecord> Slots() =>
        [.. _tasks.Values.Where(task => task.DesiredState < TaskState.Remove).GroupBy(task => task.Slot).OrderBy(slot => slot.Key)
            .Select(slot => slot.MaxBy(task => (task.Meta.CreatedVersion, task.Id.Value))!)];

    public int Done => Slots().Count(IsDone);

    /// <summary>Every slot is as the spec wants it, and nothing that it does not want still runs.</summary>
    public bool IsConverged
    {
        get
        {
            IReadOnlyList<TaskRecord> slots = Slots();
            bool isClean = _tasks.Values.All(task => task.Status.State.IsTerminal() || task.DesiredState <= TaskState.Running || task.Status.State < TaskState.Assigned);
            return isClean && slots.Count(IsDone) == Wanted && slots.Count(task => IsDone(task) || !task.Status.State.IsTerminal()) == Wanted;
        }
    }

    /// <summary>Runs from the current template; or has ended by itself, where the restart policy leaves it at that.</summary>
    private bool IsDone(TaskRecord task)
    {
        if (task.Template != Service.Template) return false;
        if (task.DesiredState == TaskState.Running && task.Status.State == TaskState.Running) return true;
        return task.Status.State == TaskState.Complete && Service.Spec.Restart.Condition != RestartCondition.Any;
    }
}
