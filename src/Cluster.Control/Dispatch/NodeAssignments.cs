using System.Collections.Immutable;
using Cluster.Control.Orchestration;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Dispatch;

/// <summary>
/// What a node is to hold. A task is in the set from Assigned on until its row is deleted, or until it is to be removed and has
/// ended: from then on the node may forget it. Built from the index by node.
/// </summary>
public static class NodeAssignments
{
    /// <param name="view">Committed state.</param>
    /// <param name="node">Whose tasks.</param>
    public static AssignmentSet Build(StoreView view, NodeId node)
    {
        ImmutableArray<AssignmentItem>.Builder items = ImmutableArray.CreateBuilder<AssignmentItem>();
        foreach (TaskRecord task in view.TasksOfNode(node))
        {
            if (Of(view, task) is { } assignment) items.Add(new(assignment, [.. AssignmentDigest.Of(assignment)]));
        }

        return new(new(view.Incarnation, view.Version), items.ToImmutable());
    }

    /// <summary>
    /// The nodes whose set may differ after these changes, in order: those of the tasks that changed in more than what their agent
    /// reported, and those of services of whose labels some changed that a container is made of.
    /// </summary>
    public static IReadOnlyCollection<NodeId> NodesOf(StoreView view, IEnumerable<Change> changes)
    {
        SortedSet<NodeId> nodes = [];
        foreach (Change change in changes)
        {
            switch (change)
            {
                case { Row: TaskRecord { NodeId.IsNone: false } row }
                    when change is not { Before: TaskRecord before, After: TaskRecord after } || IsNews(before, after):
                    nodes.Add(row.NodeId);
                    break;
                case { Before: ServiceRecord before, After: ServiceRecord after } when before.Spec.Labels != after.Spec.Labels:
                    foreach (TaskRecord task in view.TasksOfService(after.Id))
                    {
                        if (!task.NodeId.IsNone && view.GetTemplate(task.Template) is { } template
                            && ServiceLabelReferences.Of(before.Spec.Labels, template) != ServiceLabelReferences.Of(after.Spec.Labels, template)) nodes.Add(task.NodeId);
                    }

                    break;
            }
        }

        return nodes;
    }

    private static bool IsNews(TaskRecord before, TaskRecord after) =>
        before.NodeId != after.NodeId || before.DesiredState != after.DesiredState || IsIn(before) != IsIn(after);

    private static bool IsIn(TaskRecord task) =>
        task.Status.State >= TaskState.Assigned && !(task.DesiredState == TaskState.Remove && !task.IsLive());

    private static TaskAssignment? Of(StoreView view, TaskRecord task)
    {
        if (!IsIn(task) || view.GetService(task.ServiceId) is not { } service || view.GetTemplate(task.Template) is not { } template) return null;
        return new()
        {
            TaskId = task.Id,
            ServiceId = task.ServiceId,
            ServiceName = service.Spec.Name,
            ServiceLabels = ServiceLabelReferences.Of(service.Spec.Labels, template),
            Slot = task.Slot,
            Template = template,
            DesiredState = task.DesiredState,
            ObservedState = task.Status.State,
            HostPorts = task.HostPorts,
        };
    }
}
