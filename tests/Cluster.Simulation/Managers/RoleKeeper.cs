using Cluster.Control.Commands;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Raft;
using Cluster.Simulation.Agents;
using Cluster.Simulation.Workload;
using Cluster.Simulation.World;

namespace Cluster.Simulation.Managers;

/// <summary>
/// The twin of what a node does about its role: it becomes a manager and announces itself when its row says so, and stops being one when it was
/// released from the group. What it goes by is what was committed; how late it hears of that is chance.
/// </summary>
internal sealed class RoleKeeper(SimulationWorld world, ManagerMachine machine, WorkloadDriver workload)
{
    private readonly Random _random = new(world.Random.Next());
    private bool _isAnnouncing;
    private MemberId _named;

    public void Start() => world.Queue.Schedule(_random.Between(0.2, 2), () =>
    {
        Look();
        Start();
    });

    private void Look()
    {
        if (machine.HasRole && machine.Group != world.Group)
        {
            // Of an incarnation that is over, of which it has not heard yet.
            if (_random.OneIn(4)) machine.GiveUpRole();
            return;
        }

        AgentNode agent = world.AgentOf(machine);
        if (!agent.IsMember || world.History.Head.GetNode(agent.Id) is not { } node) return;
        if (node.Manager?.RaftMemberId == machine.Member.Value) _named = machine.Member;

        // Released, and perhaps promoted again since: a member that was removed never comes back.
        if (machine.HasRole && node.Manager is null && _named == machine.Member) machine.GiveUpRole();
        if (ManagerCommands.RoleOf(node) == NodeRole.Worker)
        {
            if (machine.HasRole) machine.GiveUpRole();
            return;
        }

        if (!machine.HasRole)
        {
            if (node.Spec.Role != NodeRole.Manager) return;
            machine.TakeRole(isFounder: false);
            machine.Start();
        }

        if (node.Spec.Role == NodeRole.Manager && node.Manager?.RaftMemberId != machine.Member.Value) Announce(node);
    }

    private void Announce(NodeRecord node)
    {
        if (_isAnnouncing) return;
        _isAnnouncing = true;
        ulong member = machine.Member.Value;
        workload.Announce(node.Id, machine.Group.Incarnation, member, $"{machine.Address}:2377", () => _isAnnouncing = false);
    }
}
