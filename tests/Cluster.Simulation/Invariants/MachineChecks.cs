using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Simulation.Agents;
using Cluster.Simulation.World;
using Cluster.Store;

namespace Cluster.Simulation.Invariants;

/// <summary>What must hold of the processes on the machines, seen beside what is committed.</summary>
internal sealed class MachineChecks(SimulationWorld world)
{
    private readonly SortedSet<TaskId> _excused = [];
    private readonly SortedSet<TaskId> _lost = [];
    private readonly SortedSet<TaskId> _takenBack = [];

    /// <summary>
    /// What an agent had started before any manager knew, it may start again when it has lost its state and the container is gone.
    /// </summary>
    public void StateLost(AgentNode node)
    {
        foreach (TaskId taskId in node.Machine.Starts.Keys)
        {
            if (world.History.Head.GetTask(taskId) is not { Status.State: >= TaskState.Starting }) _excused.Add(taskId);
        }
    }

    /// <summary>The node is down or removed: its tasks are replaced although they may go on for a while.</summary>
    public void NodeLost(StoreSnapshot before, NodeId node)
    {
        foreach (TaskRecord task in before.TasksOfNode(node))
        {
            if (!task.Status.State.IsTerminal()) _lost.Add(task.Id);
        }
    }

    /// <summary>
    /// The cluster has an earlier state again: its nodes may have gone on with those tasks in ways that it does not know of. What is made from
    /// now on is checked.
    /// </summary>
    public void TakenBack(StoreSnapshot state)
    {
        foreach (TaskRecord task in state.Tasks) _takenBack.Add(task.Id);
        foreach (AgentNode node in world.Agents) _takenBack.UnionWith(node.Machine.Starts.Keys);
    }

    public void Started(AgentNode node, TaskId taskId)
    {
        world.Trace.Line(node.Name, $"container of {Short.Of(taskId)} runs");
        if (_takenBack.Contains(taskId)) return;
        int starts = node.Machine.Starts[taskId];
        BreachException.Require(starts == 1 || _excused.Contains(taskId), Breach.ContainerTwice, $"{node.Name} has started {starts} processes for task {taskId}");
        if (world.History.Head.GetTask(taskId) is not { } task) return;
        foreach (AgentNode other in world.Agents)
        {
            foreach ((TaskId otherId, _) in other.Machine.Containers.Where(c => c.Key != taskId && c.Value.State == RuntimeTaskState.Running))
            {
                // Scaling down gives a slot's number free at once: one that is being removed is no longer the slot's.
                if (_lost.Contains(otherId) || _takenBack.Contains(otherId) || world.History.Head.GetTask(otherId) is not { DesiredState: < TaskState.Remove } running) continue;
                bool isSameSlot = running.ServiceId == task.ServiceId && running.Slot == task.Slot;
                BreachException.Require(
                    !isSameSlot || task.DesiredState > TaskState.Running,
                    Breach.SlotTwice,
                    $"{node.Name} starts {Short.Of(world.History.Head, task)} while {Short.Of(world.History.Head, running)} of the same slot runs on {other.Name}");
            }
        }
    }

    /// <summary>The agent has stopped or removed a process that ran.</summary>
    public void EndedByAgent(AgentNode node, TaskId taskId)
    {
        world.Trace.Line(node.Name, $"container of {Short.Of(taskId)} is ended by its agent");
        if (_takenBack.Contains(taskId) || world.History.Head.GetTask(taskId) is not { } task) return;
        BreachException.Require(
            task.DesiredState > TaskState.Running || task.Status.State.IsTerminal(),
            Breach.WantedRemoved,
            $"{node.Name} ends the container of {Short.Of(world.History.Head, task)}, which is {task.Status.State} and desired {task.DesiredState}");
    }
}
