using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;

namespace Cluster.Control.Orchestration;

/// <summary>
/// Deletes what nobody needs: tasks to be removed that have ended (or cannot be waited for), history beyond the limit, tasks of
/// removed nodes, templates and restart counts without a user. Gives up tasks of nodes that have
/// been down for too long.
/// </summary>
internal sealed class ReaperLoop(KernelCaches caches) : IControlLoop
{
    private ClusterTime _orphanedUntil;

    public string Name => "reaper";

    public void Note(Change change, DirtySet dirty)
    {
        switch (change)
        {
            case { After: TaskRecord after }:
                if (after.DesiredState >= TaskState.Shutdown || after.Status.State.IsTerminal()) dirty.Slots.Add(DirtySet.SlotOf(after));
                if (change.Before is null && !after.NodeId.IsNone && caches.Load.IsGone(after.NodeId)) dirty.Nodes.Add(after.NodeId);
                break;
            case { Before: TaskRecord deleted, After: null }:
                dirty.Slots.Add(DirtySet.SlotOf(deleted));
                dirty.Templates.Add(deleted.Template);
                break;
            case { Before: ServiceRecord before }:
                if (change.After is not ServiceRecord now || now.Template != before.Template) dirty.Templates.Add(before.Template);
                break;
            case { After: TaskTemplate template }:
                dirty.Templates.Add(template.Id);
                break;
            case { After: RestartHistory history }:
                dirty.Slots.Add(history.Key);
                break;
            case { Table: Table.Nodes, After: null or NodeRecord { Status.State: NodeState.Down } }:
                dirty.Nodes.Add(((NodeRecord)change.Row).Id);
                break;
        }
    }

    public void Forget() => _orphanedUntil = ClusterTime.Zero;

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        ClusterSpec spec = transaction.Cluster?.Spec ?? new();
        ClusterTime? nextOrphan = MarkOverdueNodes(dirty, spec, context.Now);
        bool complete = Work(dirty.Nodes, context, id => DecideNode(transaction, id, spec, dirty, context))
            && Work(dirty.Slots, context, slot => DecideSlot(transaction, slot, spec, context))
            && Work(dirty.Templates, context, id => DecideTemplate(transaction, id, context));
        return new(!complete || !dirty.IsEmpty, nextOrphan, []);
    }

    private static bool Work<TKey>(SortedSet<TKey> keys, DecisionContext context, Func<TKey, bool> decide)
    {
        while (keys.Count > 0)
        {
            if (!context.MayStart(1)) return false;
            TKey key = keys.Min!;
            if (!decide(key)) return false;
            keys.Remove(key);
        }

        return true;
    }

    private ClusterTime? MarkOverdueNodes(DirtySet dirty, ClusterSpec spec, ClusterTime now)
    {
        ClusterTime? next = null;
        foreach ((ClusterTime since, NodeId id) in caches.Down.Nodes)
        {
            ClusterTime due = since + spec.OrphanAfter;
            if (due > now)
            {
                next = due;
                break;
            }

            if (due > _orphanedUntil) dirty.Nodes.Add(id);
        }

        _orphanedUntil = now;
        return next;
    }

    /// <summary>A removed node will not report again, and one that was down for long is not waited for.</summary>
    private static bool DecideNode(WorkingTransaction transaction, NodeId id, ClusterSpec spec, DirtySet dirty, DecisionContext context)
    {
        NodeRecord? node = transaction.GetNode(id);
        if (node is not null && node.Status.State != NodeState.Down) return true;
        bool givenUp = node is null || context.Now - node.Status.Since >= spec.OrphanAfter;
        foreach (TaskRecord task in transaction.TasksOfNode(id))
        {
            context.Examined(1);
            if (node is null || task.DesiredState == TaskState.Remove) dirty.Slots.Add(DirtySet.SlotOf(task));
            if (!givenUp || !task.IsLive()) continue;
            if (!context.HasRoom(1 + task.HostPorts.Count)) return false;
            context.ReleasePorts(task);
            string message = node is null ? "its node was removed from the cluster" : "its node has been down for too long";
            context.Put(task, task with { Status = task.Status with { State = TaskState.Orphaned, Since = context.Now, Message = message, Pid = 0 } });
        }

        return true;
    }

    private static bool DecideSlot(WorkingTransaction transaction, SlotKey slot, ClusterSpec spec, DecisionContext context)
    {
        List<TaskRecord> ended = [];
        bool hasCurrent = false;
        bool any = false;
        foreach (TaskRecord task in transaction.TasksOfSlot(slot.ServiceId, slot.Slot))
        {
            context.Examined(1);
            if (task.DesiredState == TaskState.Remove && CanGo(transaction, task))
            {
                if (!Delete(task, context)) return false;
                continue;
            }

            any = true;
            if (task.IsCurrent()) hasCurrent = true;
            else if (task.DesiredState == TaskState.Shutdown && !IsAwaited(task)) ended.Add(task);
        }

        if (!Trim(transaction, ended, hasCurrent, spec.TaskHistoryLimit, context)) return false;
        if (!any && transaction.GetRestartHistory(slot) is { } history)
        {
            if (!context.HasRoom(1)) return false;
            context.Delete(history);
        }

        return true;
    }

    /// <summary>Keeps the newest ended tasks; the last one also when it is all that a slot without restart remembers.</summary>
    private static bool Trim(StoreView view, List<TaskRecord> ended, bool hasCurrent, int limit, DecisionContext context)
    {
        int keep = limit < 0 ? int.MaxValue : hasCurrent ? limit : Math.Max(limit, 1);
        List<TaskRecord> newestFirst = [.. ended.OrderByDescending(static t => t.Meta.CreatedVersion).ThenByDescending(static t => t.Id)];
        for (int i = 0; i < newestFirst.Count; i++)
        {
            TaskRecord task = newestFirst[i];
            bool ofRemovedNode = !task.NodeId.IsNone && view.GetNode(task.NodeId) is null;
            if (i < keep && !(ofRemovedNode && (hasCurrent || i > 0))) continue;
            if (!Delete(task, context)) return false;
        }

        return true;
    }

    private static bool Delete(TaskRecord task, DecisionContext context)
    {
        if (!context.HasRoom(1 + task.HostPorts.Count)) return false;
        context.ReleasePorts(task);
        context.Delete(task);
        return true;
    }

    /// <summary>
    /// Ended, never sent to a node, or on a node that is not there: a node that comes back removes what is not assigned to it.
    /// </summary>
    private static bool CanGo(StoreView view, TaskRecord task) =>
        !IsAwaited(task) || view.GetNode(task.NodeId) is not { Status.State: not NodeState.Down };

    private static bool IsAwaited(TaskRecord task) => task.HoldsNode();

    private static bool DecideTemplate(WorkingTransaction transaction, TemplateId id, DecisionContext context)
    {
        if (!transaction.IsTemplateUsed(id) && transaction.GetTemplate(id) is { } template) context.Delete(template);
        return true;
    }
}
