using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Control.Orchestration;

/// <summary>
/// As many taken slots as a replicated service wants, the lowest free numbers first; and the end of a removed service. What happens
/// inside a taken slot is the restart loop's.
/// </summary>
internal sealed class ReplicatedOrchestrator : IControlLoop
{
    // Empty between services.
    private readonly ServiceSlots _slots = new();

    public string Name => "replicated";

    public void Note(Change change, DirtySet dirty)
    {
        switch (change)
        {
            case { After: ServiceRecord service }:
                dirty.Services.Add(service.Id);
                break;
            case { Before: TaskRecord before } when before.TakesSlot() && (change.After is not TaskRecord after || !after.TakesSlot()):
                dirty.Services.Add(before.ServiceId);
                break;
            case { Before: TaskRecord deleted, After: null }:
                dirty.Slots.Add(DirtySet.SlotOf(deleted));
                break;
        }
    }

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        // The last task of a removed service is gone; asking the slots is cheaper than walking the service for each of its tasks.
        foreach (SlotKey slot in dirty.Slots)
        {
            if (transaction.GetService(slot.ServiceId) is { Removing: true } && !transaction.TasksOfService(slot.ServiceId).Any()) dirty.Services.Add(slot.ServiceId);
        }

        dirty.Slots.Clear();
        ServiceId? last = null;
        while (NextAfter(dirty.Services, last) is { } id && context.MayStart(1))
        {
            last = id;
            bool complete = transaction.GetService(id) is not { } service
                || (service.Removing ? Remove(transaction, service, context) : Reconcile(transaction, service, context));
            if (complete) dirty.Services.Remove(id);
        }

        return Decision.Done with { MoreWork = !dirty.IsEmpty };
    }

    private static ServiceId? NextAfter(SortedSet<ServiceId> services, ServiceId? last)
    {
        if (services.Count == 0) return null;
        if (last is not { } after) return services.Min;
        foreach (ServiceId id in services.GetViewBetween(after, new(UInt128.MaxValue)))
        {
            if (id != after) return id;
        }

        return null;
    }

    private static bool Remove(WorkingTransaction transaction, ServiceRecord service, DecisionContext context)
    {
        bool empty = true;
        foreach (TaskRecord task in transaction.TasksOfService(service.Id))
        {
            context.Examined(1);
            empty = false;
            if (task.DesiredState == TaskState.Remove) continue;
            if (!context.HasRoom(1)) return false;
            context.Put(task, task with { DesiredState = TaskState.Remove });
        }

        if (!empty) return true;
        foreach (RestartHistory history in transaction.RestartHistoriesOfService(service.Id))
        {
            if (!context.HasRoom(2)) return false;
            context.Delete(history);
        }

        context.Delete(service);
        return true;
    }

    private bool Reconcile(WorkingTransaction transaction, ServiceRecord service, DecisionContext context)
    {
        if (service.Spec.Mode != ServiceMode.Replicated) return true;
        _slots.Read(transaction, service.Id);
        context.Examined(_slots.TaskCount);
        bool complete = Reconcile(transaction, service, _slots, context);
        _slots.Clear();
        return complete;
    }

    private static bool Reconcile(WorkingTransaction transaction, ServiceRecord service, ServiceSlots slots, DecisionContext context)
    {
        // A slot has one current task; a second one can only come from a bug, and goes.
        foreach (TaskRecord surplus in slots.SurplusTasks)
        {
            if (!context.HasRoom(1)) return false;
            context.Put(surplus, surplus with { DesiredState = TaskState.Remove });
        }

        return slots.Taken.Count <= service.Spec.Replicas
            ? Fill(service, slots, service.Spec.Replicas, context)
            : Empty(transaction, service, slots, service.Spec.Replicas, context);
    }

    private static bool Fill(ServiceRecord service, ServiceSlots slots, int wanted, DecisionContext context)
    {
        int missing = wanted - slots.Taken.Count;
        int next = 0;
        for (int slot = 1; missing > 0; slot++)
        {
            if (next < slots.Taken.Count && slots.Taken[next].Slot == slot)
            {
                next++;
                continue;
            }

            if (!context.HasRoom(1)) return false;
            context.Put(null, new TaskRecord
            {
                Id = context.NewTaskId(),
                ServiceId = service.Id,
                Slot = slot,
                Template = service.Template,
                Status = TaskStatus.New with { Since = context.Now, Message = "created" },
            });
            missing--;
        }

        return true;
    }

    private static bool Empty(WorkingTransaction transaction, ServiceRecord service, ServiceSlots slots, int wanted, DecisionContext context)
    {
        foreach (int slot in ScaleDownOrder.SlotsToRemove(slots.Taken, slots.Taken.Count - wanted))
        {
            // The current one last: the pass may end within a slot, and the next one may keep just that slot.
            foreach (TaskRecord task in transaction.TasksOfSlot(service.Id, slot).OrderBy(static task => task.IsCurrent()))
            {
                if (task.DesiredState == TaskState.Remove) continue;
                if (!context.HasRoom(1)) return false;
                context.Put(task, task with { DesiredState = TaskState.Remove });
            }
        }

        return true;
    }
}
