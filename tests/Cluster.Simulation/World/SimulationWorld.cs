using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.Time;
using Cluster.Raft;
using Cluster.Simulation.Agents;
using Cluster.Simulation.Faults;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.Managers;
using Cluster.Simulation.Workload;
using Cluster.Store;
using Cluster.Testing.Agent;
using Cluster.Testing.Raft;

namespace Cluster.Simulation.World;

/// <summary>
/// A cluster under virtual time, all of it from one seed: managers and agents are the product's own code; clock, network, disks and
/// containers are simulated. First chaos, then calm, in which everything must come right. One thread.
/// </summary>
internal sealed class SimulationWorld
{
    private const int StepsBetweenFullChecks = 2_500;
    private static readonly ClusterTime Epoch = ClusterTime.FromUtc(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly TimeSpan CalmStep = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortestElection = TimeSpan.FromMilliseconds(500);

    private readonly FaultInjector _faults;
    private readonly RowChecks _rows;
    private StoreSnapshot? _checked;
    private readonly KernelChecks _kernels;
    private readonly ConvergenceCheck _convergence;

    public SimulationWorld(ulong seed, TextWriter? trace)
    {
        Seed = seed;
        Random = Chance.FromSeed(seed);
        Plan = SimulationPlan.Draw(Random);
        Queue = new EventQueue(Epoch);
        Trace = new SimulationTrace(Queue, trace);
        Ids = new SeededIds(new Random(Random.Next()));
        Network = new SimulatedNetwork(this, new Random(Random.Next())) { Loss = Plan.MessageLoss };
        MachineFaults = Plan.Machines;
        int electionTicks = (int)(ShortestElection / Plan.TickLength);
        RaftOptions = new RaftOptions
        {
            ElectionTicks = electionTicks,
            HeartbeatTicks = electionTicks / 5,
            StorageStallTicks = 4 * electionTicks,
            TrailingEntries = Plan.TrailingEntries,
            MaxUncommittedBytes = Plan.MaxUncommittedBytes,
        };
        MachineChecks = new MachineChecks(this);
        _rows = new RowChecks(this);
        History = new CommittedHistory(this, _rows);
        Acknowledgements = new Acknowledgements(this);
        Histories = new ClientHistories(this);
        Managers = [.. Enumerable.Range(0, Plan.Seats).Select(n => new ManagerMachine(this, n))];
        Managers[0].TakeRole(isFounder: true);
        ManagerAddresses = Managers.Select(m => m.Address).ToValueList();
        Agents = [.. Enumerable.Range(0, Plan.Agents).Select(n => new AgentNode(this, n))];
        Workload = new WorkloadDriver(this, new Random(Random.Next()));
        _faults = new FaultInjector(this, new Random(Random.Next()));
        _kernels = new KernelChecks(this);
        _convergence = new ConvergenceCheck(this);
    }

    public ulong Seed { get; }

    public Random Random { get; }

    public SimulationPlan Plan { get; }

    public EventQueue Queue { get; }

    public SimulationTrace Trace { get; }

    public SimulationCounts Counts { get; } = new();

    public SeededIds Ids { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedFaults MachineFaults { get; private set; }

    public RaftOptions RaftOptions { get; }

    /// <summary>The managers of the present incarnation.</summary>
    public ManagerGroup Group { get; private set; } = new(1);

    public CommittedHistory History { get; }

    public Acknowledgements Acknowledgements { get; }

    public ClientHistories Histories { get; }

    public MachineChecks MachineChecks { get; }

    public ImmutableArray<ManagerMachine> Managers { get; }

    public ValueList<string> ManagerAddresses { get; }

    public ImmutableArray<AgentNode> Agents { get; }

    public WorkloadDriver Workload { get; }

    public bool IsCalm { get; private set; }

    /// <summary>The node of the machine.</summary>
    public AgentNode AgentOf(ManagerMachine manager) => Agents[manager.Endpoint.Number];

    /// <summary>Of those that believe that they lead, the one of the latest term.</summary>
    public ManagerMachine? Leader => Managers.Where(m => m.Process is { Control.IsLeading: true }).MaxBy(m => m.Process!.Control.Sequencer.Term);

    public ManagerMachine? MachineOf(MemberId member, ManagerGroup group)
    {
        if (member.IsNone) return null;
        foreach (ManagerMachine machine in Managers)
        {
            if (machine.Member == member && machine.Group == group) return machine;
        }

        return null;
    }

    public DurableLog? DurableOf(MemberId member, ManagerGroup group) => MachineOf(member, group)?.Disk.Durable ?? group.LostDiskOf(member);

    public void BeginGroup(ulong incarnation) => Group = new ManagerGroup(incarnation);

    /// <summary>Runs to the end, or throws what was broken.</summary>
    public void Run()
    {
        Trace.Line("world", $"seed {Seed}: {Plan}");
        Managers[0].Start();
        foreach (ManagerMachine manager in Managers) new RoleKeeper(this, manager, Workload).Start();
        Workload.Start();
        _faults.Start();
        while (Queue.Elapsed < SimulationPlan.LeastTime || Workload.Operations < SimulationPlan.LeastOperations || _faults.Struck < SimulationPlan.LeastFaults) Advance(CalmStep);
        MakeCalm();
        TimeSpan calmSince = Queue.Elapsed;
        while (_convergence.Find() is { } wrong)
        {
            BreachException.Require(Queue.Elapsed - calmSince < SimulationPlan.MostCalm, Breach.NotConverged, $"after {SimulationPlan.MostCalm.TotalSeconds:0} s of calm {wrong}");
            Advance(CalmStep);
        }

        CheckAll();
        foreach (ManagerMachine manager in Managers.Where(m => m.HasRole)) History.CheckBytes(manager.Address, manager.Process!.Control.Replica.Committed);
        Histories.Check();
        foreach (AgentNode agent in Agents) agent.CollectCounts();
        Counts.Add("run: seeds");
        Counts.Add("run: operations", Workload.Operations);
        Counts.Add("run: faults", _faults.Struck);
        Counts.Add("run: virtual seconds", (long)Queue.Elapsed.TotalSeconds);
        Counts.Add("run: steps", Queue.Executed);
        Trace.Line("world", $"has converged {(Queue.Elapsed - calmSince).TotalSeconds:0} s after the last fault, at v{History.Head.Version}");
    }

    private void Advance(TimeSpan time)
    {
        ClusterTime end = Queue.Now + time;
        while (Queue.Step(end))
        {
            Trace.Step();
            if (Queue.Executed % StepsBetweenFullChecks == 0) CheckAll();
        }
    }

    private void CheckAll()
    {
        if (_checked != History.Head) _rows.CheckAll(_checked = History.Head);
        foreach (ManagerMachine manager in Managers)
        {
            _kernels.Check(manager);
            if (manager.Process is { } process) History.CheckState(manager.Address, process.Control.Replica.Committed);
        }
    }

    private void MakeCalm()
    {
        Trace.Line("world", "all that is broken is mended");
        IsCalm = true;
        MachineFaults = SimulatedFaults.None;
        Network.HealAll();
        (Network.Loss, Network.Slowness) = (0, 1);
        foreach (ManagerMachine manager in Managers)
        {
            (manager.Disk.IsFull, manager.Disk.FailsNext, manager.ExtraSync, manager.ProposalLoss, manager.Clock.Rate) = (false, false, TimeSpan.Zero, 0, 1);
            manager.Start();
        }

        foreach (AgentNode agent in Agents)
        {
            agent.SetFaults(SimulatedFaults.None);
            agent.Start();
        }
    }
}
