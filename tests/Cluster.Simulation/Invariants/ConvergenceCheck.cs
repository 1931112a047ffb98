using Cluster.Agent.Runtime;
using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Raft.Members;
using Cluster.Simulation.Agents;
using Cluster.Simulation.Managers;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Testing.Agent;

namespace Cluster.Simulation.Invariants;

/// <summary>Whether all is as it should be when nothing has gone wrong for a while, and if not, what is not.</summary>
internal sealed class ConvergenceCheck(SimulationWorld world)
{
    /// <summary>Null: all has come right.</summary>
    public string? Find()
    {
        if (!world.Workload.IsQuiet) return "a client has no answer";
        if (world.Leader?.Process is not { } leader) return "nobody leads";
        StoreSnapshot state = world.History.Head;
        return FindInManagers(leader, state) ?? FindInNodes(state) ?? FindInServices(leader, state) ?? FindInMachines(state);
    }

    private string? FindInManagers(ManagerProcess leader, StoreSnapshot state)
    {
        if (leader.Control.Sequencer.UnacknowledgedEntries > 0 || leader.Control.Sequencer.WaitingSubmissions > 0) return "the leader has entries that are not committed";
        if (!leader.Control.KernelIsIdle) return "the kernel has work";
        foreach (ManagerMachine manager in world.Managers)
        {
            bool isWanted = state.GetNode(world.AgentOf(manager).Id) is { Spec.Role: NodeRole.Manager };
            if (isWanted != manager.HasRole) return $"{manager.Address} is {(isWanted ? "to be" : "still")} a manager";
            if (!manager.HasRole) continue;
            if (manager.Process is not { } process) return $"{manager.Address} is down";
            if (!process.Raft.Core.CommittedMembership.Voters.Contains(manager.Member)) return $"{manager.Address} is no voter";
            if (process.Control.Replica.Committed.Version != state.Version) return $"{manager.Address} is at v{process.Control.Replica.Committed.Version} instead of v{state.Version}";
            world.History.CheckState(manager.Address, process.Control.Replica.Committed);
        }

        Membership group = leader.Raft.Core.CommittedMembership;
        return group.IsJoint || group.Members.Length != world.Managers.Count(m => m.HasRole) ? $"the group is {group}" : null;
    }

    private string? FindInNodes(StoreSnapshot state)
    {
        foreach (AgentNode agent in world.Agents)
        {
            if (!agent.IsMember || !agent.IsRunning) return $"{agent.Name} is no running member";
            if (state.GetNode(agent.Id) is not { } node) return $"{agent.Name}'s node was removed, and it does not know";
            if (!agent.HasSession || !world.Managers.Any(m => m.Process?.Sessions.Serves(agent.Id) == true)) return $"{agent.Name} has no session";
            if (node.Status.State != NodeState.Ready) return $"{agent.Name}'s node is {node.Status.State}";
        }

        return state.Nodes.FirstOrDefault(n => n.Status.State == NodeState.Ready && world.Agents.All(a => a.Id != n.Id)) is { } ghost ? $"node {Short.Of(ghost.Id)} is ready, but there is no such agent" : null;
    }

    private string? FindInServices(ManagerProcess leader, StoreSnapshot state)
    {
        foreach (ServiceRecord service in state.Services)
        {
            if (service.Removing) return $"{service.Spec.Name} is still being removed";
            var slots = state.TasksOfService(service.Id).Where(t => t.DesiredState < TaskState.Remove).GroupBy(t => t.Slot).ToArray();
            if (slots.Length != service.Spec.Replicas) return $"{service.Spec.Name} has {slots.Length} slots and is to have {service.Spec.Replicas}";
            foreach (var slot in slots)
            {
                if (FindInSlot(leader, state, service, [.. slot]) is { } wrong) return $"{service.Spec.Name}.{slot.Key}: {wrong}";
            }
        }

        return state.Tasks.FirstOrDefault(t => t.DesiredState > TaskState.Running && !t.Status.State.IsTerminal() && state.GetNode(t.NodeId) is { Status.State: NodeState.Ready }) is { } lingering
            ? $"{Short.Of(state, lingering)} is {lingering.Status.State} and desired {lingering.DesiredState}"
            : null;
    }

    private string? FindInSlot(ManagerProcess leader, StoreSnapshot state, ServiceRecord service, TaskRecord[] tasks)
    {
        if (tasks.FirstOrDefault(t => t.DesiredState <= TaskState.Running) is not { } current)
        {
            return world.History.MayEnd(service.Id) ? null : "nothing is to run, although its restart policy wants it";
        }

        bool isReady = state.GetNode(current.NodeId) is { Status.State: NodeState.Ready };
        return current switch
        {
            { DesiredState: TaskState.Running, Status.State: TaskState.Running } when isReady => null,
            { Status.State: TaskState.Pending } when current.Status.Error.Length > 0 => null,
            { DesiredState: TaskState.Ready } when current.StartAfter > leader.Control.Now => null,
            _ => $"{Short.Of(current.Id)} is {current.Status.State}, desired {current.DesiredState}, on {Short.Of(current.NodeId)}: {current.Status.Message} {current.Status.Error}",
        };
    }

    private string? FindInMachines(StoreSnapshot state)
    {
        foreach (AgentNode agent in world.Agents)
        {
            AssignmentSet assigned = NodeAssignments.Build(state, agent.Id);
            if (!agent.Core.Owned.Order().SequenceEqual(assigned.Items.Select(i => i.TaskId))) return $"{agent.Name} holds other tasks than it is assigned";
            foreach ((TaskId id, SimulatedContainer container) in agent.Machine.Containers)
            {
                TaskRecord? task = state.GetTask(id);
                bool isRight = task is { Status.State: TaskState.Running } ? container.State == RuntimeTaskState.Running : task is { Status.State: TaskState.Ready } && container.State == RuntimeTaskState.Created;
                if (!isRight || task!.NodeId != agent.Id) return $"{agent.Name} has a {container.State} container of task {Short.Of(id)}, which is {task?.Status.State.ToString() ?? "gone"}";
                if (container.Pid != task.Status.Pid) return $"{agent.Name} runs task {Short.Of(id)} as {container.Pid}, the managers know {task.Status.Pid}";
            }

            foreach (TaskRecord task in state.TasksOfNode(agent.Id))
            {
                if (task.Status.State == TaskState.Running && !agent.Machine.Containers.ContainsKey(task.Id)) return $"{agent.Name} has no container of {Short.Of(state, task)}, which is said to run";
            }

            if (!agent.Machine.Networks.Keys.Order().SequenceEqual(agent.Machine.Containers.Keys.Order())) return $"{agent.Name} has networks without containers, or the other way round";
            if (agent.Machine.TasksWithLogs.FirstOrDefault(id => assigned.Items.All(i => i.TaskId != id)) is { IsNone: false } leftover) return $"{agent.Name} has logs of task {Short.Of(leftover)}, which nobody knows";
        }

        return null;
    }
}
