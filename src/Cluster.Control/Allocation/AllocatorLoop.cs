using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Allocation;

/// <summary>
/// Gives new tasks what does not depend on a node, and makes them Pending. Slots come from the orchestrator and host ports from
/// the scheduler, so for now there is nothing to wait for; addresses of overlay networks are allocated here.
/// </summary>
internal sealed class AllocatorLoop : IControlLoop
{
    public string Name => "allocator";

    public void Note(Change change, DirtySet dirty)
    {
        if (change.After is TaskRecord { Status.State: TaskState.New } task) dirty.Tasks.Add(task.Id);
    }

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        while (dirty.Tasks.Count > 0 && context.MayStart(1))
        {
            var id = dirty.Tasks.Min;
            dirty.Tasks.Remove(id);
            if (transaction.GetTask(id) is not { Status.State: TaskState.New, DesiredState: <= TaskState.Running } task) continue;
            context.Put(task, task with { Status = task.Status with { State = TaskState.Pending, Since = context.Now } });
        }

        return Decision.Done with { MoreWork = !dirty.IsEmpty };
    }
}
