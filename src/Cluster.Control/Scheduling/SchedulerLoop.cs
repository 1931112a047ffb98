using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Control.Scheduling;

/// <summary>
/// Chooses nodes for pending tasks, by groups of like tasks, and claims their host ports in the same transaction. A task that fits
/// nowhere is told why and looked at again only when a node or its service changed so that it could fit.
/// </summary>
internal sealed class SchedulerLoop(KernelCaches caches) : IControlLoop
{
    private readonly SortedDictionary<GroupKey, PlacementGroup> _groups = [];
    private readonly Dictionary<TaskId, GroupKey> _groupOf = [];
    private readonly NodeOrdinals _ordinals = new();

    public string Name => "scheduler";

    /// <summary>Drops the memory of tried tasks; the rebuild that follows marks all pending tasks.</summary>
    public void Forget()
    {
        _groups.Clear();
        _groupOf.Clear();
        _ordinals.Clear();
    }

    public void Note(Change change, DirtySet dirty)
    {
        switch (change.Table)
        {
            case Table.Tasks:
                NoteTask((TaskRecord?)change.Before, (TaskRecord?)change.After, dirty);
                break;
            case Table.Nodes:
                dirty.Nodes.Add(((NodeRecord)change.Row).Id);
                break;
            case Table.PortClaims:
                dirty.Nodes.Add(((PortClaim)change.Row).Key.NodeId);
                break;
            case Table.Services:
                dirty.Services.Add(((ServiceRecord)change.Row).Id);
                break;
        }
    }

    public Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context)
    {
        foreach (TaskId id in dirty.Tasks) Sort(transaction, id);
        dirty.Tasks.Clear();
        foreach (ServiceId id in dirty.Services) NoteService(id);
        dirty.Services.Clear();
        if (_groups.Values.Any(static g => g.Waiting.Count > 0)) foreach (NodeId id in dirty.Nodes) Ask(transaction, id);
        else _ordinals.Clear();
        dirty.Nodes.Clear();

        ImmutableArray<Report>.Builder reports = ImmutableArray.CreateBuilder<Report>();
        bool moreWork = false;
        ClusterTime? nextWake = null;
        foreach (PlacementGroup group in _groups.Values.ToArray())
        {
            if (group.Queue.Count > 0)
            {
                if (!context.HasRoom(1)) moreWork = true;
                else if (group.Waiting.Count > 0) Join(group);
                else Place(transaction, group, context);
            }

            moreWork |= group.Queue.Count > 0;
            if (group.Waiting.Count > 0) nextWake = Decision.Earlier(nextWake, Tell(transaction, group, context, reports));
            moreWork |= group.MustTell;
            if (group.Queue.Count == 0 && group.Waiting.Count == 0) _groups.Remove(group.Key);
        }

        dirty.Other = moreWork;
        return new(!dirty.IsEmpty, nextWake, reports.ToImmutable());
    }

    private static void NoteTask(TaskRecord? before, TaskRecord? after, DirtySet dirty)
    {
        if (IsPending(before) || IsPending(after)) dirty.Tasks.Add((after ?? before)!.Id);

        // What it takes of its node may have changed, and with it whether others fit there.
        if (before is { NodeId.IsNone: false } && (after is null || before.Status.State.IsTerminal() != after.Status.State.IsTerminal() || before.DesiredState != after.DesiredState)) dirty.Nodes.Add(before.NodeId);
        if (after is { NodeId.IsNone: false } && before?.NodeId != after.NodeId) dirty.Nodes.Add(after.NodeId);
    }

    private static bool IsPending(TaskRecord? task) => task is { Status.State: TaskState.Pending, DesiredState: <= TaskState.Running };

    /// <summary>Puts a task into its group, or takes it out.</summary>
    private void Sort(StoreView view, TaskId id)
    {
        TaskRecord? task = view.GetTask(id);
        if (IsPending(task))
        {
            GroupKey key = new(task!.ServiceId, task.Template);
            if (!_groupOf.TryAdd(id, key)) return;
            if (!_groups.TryGetValue(key, out PlacementGroup? group)) _groups[key] = group = new(key);
            group.Queue.Add(id);
        }
        else if (_groupOf.Remove(id, out GroupKey key) && _groups.TryGetValue(key, out PlacementGroup? group))
        {
            group.Queue.Remove(id);
            group.Waiting.Remove(id);
        }
    }

    private void NoteService(ServiceId id)
    {
        foreach (PlacementGroup group in _groups.Values.Where(g => g.Key.ServiceId == id))
        {
            group.Filters = null;
            group.Wake();
        }
    }

    /// <summary>Asks a changed node anew for all tasks that wait.</summary>
    private void Ask(StoreView view, NodeId id)
    {
        if (caches.Load.Find(id) is { Node: not null } node)
        {
            int ordinal = _ordinals.GetOrAdd(id);
            foreach (PlacementGroup group in _groups.Values.Where(static g => g.Waiting.Count > 0))
            {
                Verdict verdict = group.Filters!.Check(view, node, ActiveOn(group, id));
                group.SetVerdict(ordinal, verdict);
                if (verdict == Verdict.Fits) group.Wake();
            }
        }
        else if (_ordinals.TryGet(id, out int ordinal))
        {
            foreach (PlacementGroup group in _groups.Values) group.SetVerdict(ordinal, Verdict.None);
            _ordinals.Remove(id);
        }
    }

    /// <summary>Where their like fit nowhere, new tasks do not either.</summary>
    private static void Join(PlacementGroup group)
    {
        group.Waiting.UnionWith(group.Queue);
        group.Queue.Clear();
        group.MustTell = true;
    }

    private void Place(WorkingTransaction transaction, PlacementGroup group, DecisionContext context)
    {
        if (transaction.GetService(group.Key.ServiceId) is not { } service || transaction.GetTemplate(group.Key.Template) is not { } template)
        {
            // Without its service the task is about to go; the orchestrator sees to it.
            foreach (TaskId id in group.Queue) _groupOf.Remove(id);
            group.Queue.Clear();
            return;
        }

        NodeFilters filters = group.Filters ??= new(service, template);
        CandidateRanking ranking = new(caches.Load, service.Id, context.Now);
        ICandidateSource source = filters.SpreadOver.IsEmpty
            ? new RankedCandidates(caches.Load, ranking, n => filters.Check(transaction, n, 0) == Verdict.Fits, group.Queue.Count)
            : new SpreadCandidates(caches.Load, ranking, filters.SpreadOver);
        while (group.Queue.Count > 0)
        {
            if (!context.HasRoom(1 + filters.Ports.Count)) return;
            if (!source.TryTake(out NodeLoad node)) break;
            if (filters.Check(transaction, node, ranking.ActiveOn(node.Id), out ValueList<HostPort> ports) != Verdict.Fits) continue;
            TaskId id = group.Queue.Min;
            group.Queue.Remove(id);
            Assign(transaction.GetTask(id)!, node.Id, ports, context);
            source.Return(node);
        }

        if (group.Queue.Count > 0) Refuse(transaction, group);
    }

    private void Assign(TaskRecord task, NodeId node, ValueList<HostPort> ports, DecisionContext context)
    {
        _groupOf.Remove(task.Id);
        foreach (HostPort port in ports) context.Put(new PortClaim(new(node, port.Protocol, port.PublishedPort), task.Id));
        TaskStatus status = new() { State = TaskState.Assigned, Since = context.Now, Message = "scheduler assigned task to node" };
        context.Put(task, task with { NodeId = node, HostPorts = ports, Status = status });
    }

    private void Refuse(StoreView view, PlacementGroup group)
    {
        group.ForgetVerdicts();
        foreach (NodeLoad node in caches.Load.Nodes)
        {
            if (node.Node is not null) group.SetVerdict(_ordinals.GetOrAdd(node.Id), group.Filters!.Check(view, node, ActiveOn(group, node.Id)));
        }

        Join(group);
    }

    /// <summary>
    /// Writes the explanation into the waiting tasks. New ones get the present one at once; a changed one goes to all, but not
    /// more often than the options say: the answer is when it may.
    /// </summary>
    private ClusterTime? Tell(WorkingTransaction transaction, PlacementGroup group, DecisionContext context, ImmutableArray<Report>.Builder reports)
    {
        string explanation = group.Explain();
        ClusterTime? again = null;
        if (explanation != group.Explanation)
        {
            ClusterTime notBefore = group.ExplainedAt + context.Options.ExplanationPeriod;
            if (group.Explanation.Length == 0 || context.Now >= notBefore)
            {
                (group.Explanation, group.ExplainedAt, group.MustTell) = (explanation, context.Now, true);
                reports.Add(new(Name, group.Filters!.ServiceName, $"{group.Waiting.Count} tasks wait: {explanation}"));
            }
            else
            {
                again = notBefore;
            }
        }

        if (!group.MustTell) return again;
        foreach (TaskId id in group.Waiting)
        {
            if (transaction.GetTask(id) is not { } task || task.Status.Error == group.Explanation) continue;
            if (!context.HasRoom(1)) return again;
            context.Put(task, task with { Status = task.Status with { Error = group.Explanation } });
        }

        group.MustTell = false;
        return again;
    }

    private int ActiveOn(PlacementGroup group, NodeId node) =>
        caches.Load.SharesOf(group.Key.ServiceId)?.GetValueOrDefault(node)?.Active ?? 0;
}
