using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;

namespace Cluster.Control.Orchestration;

/// <summary>
/// Keeps each slot's task going: exchanges tasks that ended and tasks of nodes that are down or removed, and starts the successors
/// when their time has come and the old task has ended or its node is down. All it needs is in the rows, so a new leader goes on
/// where the old one stopped.
/// </summary>
internal sealed class RestartLoop(KernelCaches caches) : IControlLoop
{
    // Only saves looking at the same due tasks in each pass; starting over from zero is harmless.
    private ClusterTime _dueUntil;

    public string Name => "restart";

    public void Note(Change change, DirtySet dirty)
    {
        switch (change)
        {
            // A task that ended needs a successor, or was what a successor waits for.
            case { After: TaskRecord task } when task.Status.State.IsTerminal() && task.TakesSlot() && !IsHistory(change.Before):
            case { After: TaskRecord { DesiredState: TaskState.Ready } }:
                dirty.Slots.Add(DirtySet.SlotOf((TaskRecord)change.Row));
                break;
            case { Before: TaskRecord { NodeId.IsNone: false } task, After: null }:
                dirty.Slots.Add(DirtySet.SlotOf(task));
                break;
            case { Table: Table.Nodes, After: NodeRecord { Status.State: NodeState.Down } or null }:
                dirty.Nodes.Add(((NodeRecord)change.Row).Id);
                break;

            // Read anew: its node may have gone before anybody drew conclusions.
            case { Before: null, After: TaskRecord { NodeId.IsNone: false } task } when caches.Load.IsGone(task.NodeId):
                dirty.Nodes.Add(task.NodeId);
                break;
        }
    }

    public void Forget() => _dueUntil = ClusterTime.Zero;

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        foreach (SlotKey slot in caches.Delayed.Due(_dueUntil, context.Now)) dirty.Slots.Add(slot);
        _dueUntil = context.Now;

        while (dirty.Nodes.Count > 0 && context.MayStart(0))
        {
            NodeId id = dirty.Nodes.Min;
            dirty.Nodes.Remove(id);
            NodeRecord? node = transaction.GetNode(id);
            if (node is not null && node.Status.State != NodeState.Down) continue;
            foreach (TaskRecord task in transaction.TasksOfNode(id))
            {
                context.Examined(1);
                if (task.IsLive()) dirty.Slots.Add(DirtySet.SlotOf(task));
            }
        }

        ImmutableArray<Report>.Builder reports = ImmutableArray.CreateBuilder<Report>();
        while (dirty.Slots.Count > 0 && context.MayStart(SlotReplacement.Rows))
        {
            SlotKey slot = dirty.Slots.Min;
            if (DecideSlot(transaction, slot, context) is { } report) reports.Add(report);

            // After the decision, so that its own writes do not mark the slot again.
            dirty.Slots.Remove(slot);
        }

        return new(!dirty.IsEmpty, caches.Delayed.NextAfter(context.Now), reports.ToImmutable());
    }

    private static Report? DecideSlot(WorkingTransaction transaction, SlotKey slot, DecisionContext context)
    {
        if (transaction.GetService(slot.ServiceId) is not { Removing: false } service) return null;
        TaskRecord? current = null;
        bool othersRun = false;
        foreach (TaskRecord task in transaction.TasksOfSlot(slot.ServiceId, slot.Slot))
        {
            context.Examined(1);
            if (task.IsCurrent()) current = task;
            else if (task.HoldsNode() && !IsLost(transaction, task)) othersRun = true;
        }

        if (current is null) return null;
        bool due = current.DesiredState != TaskState.Ready || current.StartAfter <= context.Now;
        if (current.Status.State == TaskState.Orphaned || (current.HoldsNode() && IsLost(transaction, current)))
        {
            // It may have been waiting for one that still runs elsewhere.
            SlotReplacement.AwayFromNode(service, current, waitForEnd: othersRun, $"node of {current.Id} is down or was removed", context);
        }
        else if (!current.IsLive())
        {
            // One that failed while it was prepared ahead of time still has its delay to wait.
            return due ? SlotReplacement.AfterEnd(transaction, service, current, context) : null;
        }
        else if (current.DesiredState == TaskState.Ready && due && !othersRun)
        {
            context.Put(current, current with { DesiredState = TaskState.Running });
        }

        return null;
    }

    /// <summary>Nobody can say when, or whether, what runs there ends.</summary>
    private static bool IsLost(StoreView view, TaskRecord task) => view.GetNode(task.NodeId) is not { Status.State: not NodeState.Down };

    private static bool IsHistory(object? before) => before is TaskRecord task && task.Status.State.IsTerminal() && !task.IsCurrent();
}
