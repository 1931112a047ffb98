using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>How many tasks a service wants and how many run, as <c>service ls</c> shows it. Running tasks of nodes that are down do not count.</summary>
public readonly record struct ServiceCounts(int Desired, int Running)
{
    public static ServiceCounts Of(StoreView view, ServiceRecord service)
    {
        int running = 0;
        foreach (TaskRecord task in view.TasksOfService(service.Id))
        {
            if (task is { DesiredState: TaskState.Running, Status.State: TaskState.Running }
                && view.GetNode(task.NodeId) is { Status.State: not NodeState.Down }) running++;
        }

        return new(service.Removing ? 0 : service.Spec.Replicas, running);
    }
}
