using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Cluster.Model.States;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Simulation.Agents;
using Cluster.Simulation.Managers;
using Cluster.Simulation.World;
using Cluster.Testing.Agent;

namespace Cluster.Simulation.Faults;

/// <summary>Makes things go wrong at random times, in the mix of the plan, and right again a while later.</summary>
internal sealed class FaultInjector(SimulationWorld world, Random random)
{
    private static readonly FaultKind[] ManagersOnly = [FaultKind.LeadershipTransfer, FaultKind.ManagersPartitioned, FaultKind.ManagerDeafOrMute, FaultKind.MessagesLost];
    private static readonly FaultKind[] Kinds = [.. Enum.GetValues<FaultKind>().Where(k => k < FaultKind.ContainerCompleted)];
    private readonly ClusterRecovery _recovery = new(world, new Random(random.Next()));

    /// <summary>Faults that struck, containers that ended among them.</summary>
    public int Struck { get; private set; }

    public void Start()
    {
        PlanNext();
        PlanContainerEnd();
    }

    private void PlanNext() => world.Queue.Schedule(random.Around(world.Plan.FaultPeriod), () =>
    {
        if (world.IsCalm) return;
        FaultKind kind = Draw();
        if (Strike(kind))
        {
            Struck++;
            world.Counts.Add($"fault: {kind}");
        }

        PlanNext();
    });

    private FaultKind Draw()
    {
        int all = Kinds.Sum(Weight);
        if (all == 0) return FaultKind.AgentCrash;
        int dice = random.Next(all);
        return Kinds.First(kind => (dice -= Weight(kind)) < 0);
    }

    private int Weight(FaultKind kind) => world.Plan.Seats == 1 && ManagersOnly.Contains(kind) ? 0 : world.Plan.FaultWeights[kind];

    /// <summary>False: there was nothing to strike.</summary>
    private bool Strike(FaultKind kind)
    {
        AgentNode agent = random.Pick(world.Agents);
        ManagerMachine manager = random.Pick(world.Managers);
        world.Trace.Line("fault", $"{kind}");
        switch (kind)
        {
            case FaultKind.ManagerCrash: return Crash(manager);
            case FaultKind.LeaderCrash: return world.Leader is { } leader && Crash(leader);
            case FaultKind.AllManagersCrash: return CrashAll();
            case FaultKind.SlowDisk: return SlowDisk(manager);
            case FaultKind.FullDisk: return FillDisk(manager);
            case FaultKind.FailingDisk: return FailDisk(manager);
            case FaultKind.LostDisk: return LoseDisk(manager);
            case FaultKind.ProposalsRefused: return RefuseProposals();
            case FaultKind.ForcedNewCluster: return _recovery.ForceNewCluster();
            case FaultKind.RestoredBackup: return _recovery.RestoreBackup();
            case FaultKind.ClockDrift: return Drift(manager);
            case FaultKind.WallClockStep: return StepClock(manager);
            case FaultKind.LeadershipTransfer: return Transfer(manager);
            case FaultKind.ManagersPartitioned: return Partition();
            case FaultKind.ManagerDeafOrMute: return CutOneWay(manager);
            case FaultKind.MessagesLost: return LoseMessages();
            case FaultKind.NetworkSlow: return SlowNetwork();
            case FaultKind.AgentCut: return CutAgent(agent);
            case FaultKind.ConnectionReset: return Reset(agent);
            case FaultKind.AgentCrash: return CrashAgent(agent, losesState: false);
            case FaultKind.AgentCrashStateLost: return CrashAgent(agent, losesState: true);
            case FaultKind.MachinePowerLoss: return CutPower(agent);
            case FaultKind.RuntimeTemporary: return Disturb(agent, world.Plan.Machines with { Temporary = 0.5 });
            case FaultKind.RuntimeFatal: return Disturb(agent, world.Plan.Machines with { Fatal = 0.5 });
            case FaultKind.RuntimeSlow: return Disturb(agent, world.Plan.Machines with { Slow = 0.5 });
            default: return false;
        }
    }

    private bool Crash(ManagerMachine manager)
    {
        if (manager.Process is null) return false;
        manager.CrashFor(random.OneIn(4) ? random.Between(5, 40) : random.Between(0.01, 4), "fault");
        return true;
    }

    private bool CrashAll()
    {
        bool any = false;
        foreach (ManagerMachine manager in world.Managers) any |= Crash(manager);
        return any;
    }

    private bool SlowDisk(ManagerMachine manager)
    {
        manager.ExtraSync = random.OneIn(2) ? random.Between(0.05, 0.3) : random.Between(1, 4);
        Later(1, 15, () => manager.ExtraSync = TimeSpan.Zero);
        return true;
    }

    private bool FillDisk(ManagerMachine manager)
    {
        manager.Disk.IsFull = true;
        Later(1, 8, () => manager.Disk.IsFull = false);
        return true;
    }

    private static bool FailDisk(ManagerMachine manager)
    {
        if (manager.Process is null) return false;
        manager.Disk.FailsNext = true;
        return true;
    }

    /// <summary>Only while nobody else is missing: what is committed must be on enough other disks.</summary>
    private bool LoseDisk(ManagerMachine manager)
    {
        if (!manager.HasRole || manager.Group != world.Group || world.Leader?.Process?.Raft.Core is not { } core) return false;
        Membership group = core.CommittedMembership;
        bool isWhole = ReferenceEquals(group, core.Membership) && !group.IsJoint && group.Voters.Length >= 3 && group.IsVoter(manager.Member)
            && group.Members.All(IsToStay);
        if (!isWhole || world.Workload.OpenRoleChanges > 0) return false;
        manager.LoseDisk();
        Later(0.5, 20, manager.Start);
        return true;
    }

    /// <summary>
    /// A group that is letting one of its members go can lose no other: the leader learns of a loss when it hears nothing for a while, and what
    /// it begins before that may need the lost one.
    /// </summary>
    private bool IsToStay(MemberId member) =>
        world.MachineOf(member, world.Group) is { } machine && world.History.Head.GetNode(world.AgentOf(machine).Id) is { Spec.Role: NodeRole.Manager };

    private bool RefuseProposals()
    {
        if (world.Leader is not { } leader) return false;
        leader.ProposalLoss = 0.1 + (random.NextDouble() * 0.4);
        Later(2, 20, () => leader.ProposalLoss = 0);
        return true;
    }

    private bool Drift(ManagerMachine manager)
    {
        manager.Clock.Rate = 1 + ((random.NextDouble() - 0.5) * 0.3);
        Later(10, 120, () => manager.Clock.Rate = 1);
        return true;
    }

    private bool StepClock(ManagerMachine manager)
    {
        manager.Clock.Error = random.OneIn(3) ? TimeSpan.Zero : random.Between(-120, 120);
        return true;
    }

    private bool Transfer(ManagerMachine to)
    {
        if (world.Leader?.Process is not { } leader || leader.Machine == to) return false;
        bool began = false;
        leader.Raft.With(core => began = core.TransferLeadership(to.Member));
        return began;
    }

    private bool Partition()
    {
        bool[] left = [.. world.Managers.Select(_ => random.OneIn(2))];
        List<(Endpoint, Endpoint)> ways = [];
        foreach (ManagerMachine a in world.Managers)
        {
            foreach (ManagerMachine b in world.Managers)
            {
                if (left[a.Endpoint.Number] != left[b.Endpoint.Number]) ways.Add((a.Endpoint, b.Endpoint));
            }
        }

        return Cut(ways, 1, 30);
    }

    private bool CutOneWay(ManagerMachine manager)
    {
        bool deaf = random.OneIn(2);
        return Cut([.. world.Managers.Where(m => m != manager).Select(m => deaf ? (m.Endpoint, manager.Endpoint) : (manager.Endpoint, m.Endpoint))], 1, 20);
    }

    private bool LoseMessages()
    {
        world.Network.Loss = 0.05 + (random.NextDouble() * 0.4);
        Later(2, 20, () => world.Network.Loss = world.Plan.MessageLoss);
        return true;
    }

    private bool SlowNetwork()
    {
        world.Network.Slowness = 2 + (random.NextDouble() * 8);
        Later(2, 20, () => world.Network.Slowness = 1);
        return true;
    }

    private bool CutAgent(AgentNode agent)
    {
        int direction = random.Next(4);
        List<(Endpoint, Endpoint)> ways = [];
        if (direction != 0) ways.AddRange(world.Managers.Select(m => (m.Endpoint, agent.Endpoint)));
        if (direction != 1) ways.AddRange(world.Managers.Select(m => (agent.Endpoint, m.Endpoint)));
        return Cut(ways, 1, random.OneIn(3) ? 90 : 20);
    }

    private static bool Reset(AgentNode agent)
    {
        if (!agent.HasSession) return false;
        agent.ResetConnection();
        return true;
    }

    private bool CrashAgent(AgentNode agent, bool losesState)
    {
        if (!agent.IsRunning) return false;
        agent.Kill(losesState);
        Later(0.05, random.OneIn(3) ? 60 : 8, agent.Start);
        return true;
    }

    private bool CutPower(AgentNode agent)
    {
        if (!agent.IsRunning) return false;
        agent.LosePower();
        Later(1, random.OneIn(3) ? 90 : 20, agent.Start);
        return true;
    }

    private bool Disturb(AgentNode agent, SimulatedFaults faults)
    {
        agent.SetFaults(faults);
        Later(2, 30, () => agent.SetFaults(world.MachineFaults));
        return true;
    }

    private bool Cut(List<(Endpoint From, Endpoint To)> ways, double shortest, double longest)
    {
        if (ways.Count == 0) return false;
        foreach ((Endpoint from, Endpoint to) in ways) world.Network.Cut(from, to);
        Later(shortest, longest, () =>
        {
            foreach ((Endpoint from, Endpoint to) in ways) world.Network.Heal(from, to);
        });
        return true;
    }

    private void PlanContainerEnd() => world.Queue.Schedule(random.Around(world.Plan.ContainerEndPeriod), () =>
    {
        if (world.IsCalm) return;
        EndContainer();
        PlanContainerEnd();
    });

    private void EndContainer()
    {
        AgentNode agent = random.Pick(world.Agents);
        TaskId[] running = [.. agent.Machine.Containers.Where(c => c.Value.State == RuntimeTaskState.Running).Select(c => c.Key)];
        if (running.Length == 0) return;
        (FaultKind kind, int code, bool outOfMemory) = random.Next(5) switch
        {
            0 or 1 => (FaultKind.ContainerCompleted, 0, false),
            2 => (FaultKind.ContainerOutOfMemory, 137, true),
            _ => (FaultKind.ContainerFailed, 1, false),
        };
        world.Counts.Add($"fault: {kind}");
        Struck++;
        agent.EndContainer(random.Pick(running), code, outOfMemory);
    }

    private void Later(double shortest, double longest, Action action) => world.Queue.Schedule(random.Between(shortest, longest), action);
}
