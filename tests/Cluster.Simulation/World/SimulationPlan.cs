using Cluster.Control;
using Cluster.Model.Specs;
using Cluster.Simulation.Faults;
using Cluster.Store.Sequencing;
using Cluster.Testing.Agent;

namespace Cluster.Simulation.World;

/// <summary>What kind of world a seed makes: its size, its pace, and which faults it has how often. Drawn first, so that seeds differ in kind.</summary>
internal sealed record SimulationPlan
{
    /// <summary>Each run is at least this long, this busy and this bad.</summary>
    public const int LeastOperations = 100;
    public const int LeastFaults = 10;
    public static readonly TimeSpan LeastTime = TimeSpan.FromMinutes(5);

    /// <summary>What may pass in peace until all has come right.</summary>
    public static readonly TimeSpan MostCalm = TimeSpan.FromMinutes(6);

    /// <summary>That the cluster begins with.</summary>
    public required int Managers { get; init; }

    /// <summary>Machines that can be managers; the first of the agents run there too.</summary>
    public required int Seats { get; init; }

    /// <summary>Nodes are promoted and demoted.</summary>
    public required bool ChangesMembers { get; init; }

    public required int Agents { get; init; }

    public required TimeSpan OperationPeriod { get; init; }

    public required TimeSpan FaultPeriod { get; init; }

    public required TimeSpan ContainerEndPeriod { get; init; }

    /// <summary>For each kind how often it is chosen; 0: never in this run.</summary>
    public required IReadOnlyDictionary<FaultKind, int> FaultWeights { get; init; }

    public required TimeSpan LongestManagerLatency { get; init; }

    public required TimeSpan LongestAgentLatency { get; init; }

    public required TimeSpan LongestSync { get; init; }

    /// <summary>The part of messages between managers that is lost, or arrives twice.</summary>
    public required double MessageLoss { get; init; }

    /// <summary>The part of the answers to clients that is lost.</summary>
    public required double AnswerLoss { get; init; }

    /// <summary>Of consensus; with time-outs of half a second to a second, as in the manager role.</summary>
    public required TimeSpan TickLength { get; init; }

    public required int SnapshotEntries { get; init; }

    public required int TrailingEntries { get; init; }

    /// <summary>A leader takes no more proposals than this; what it does not take makes what follows void.</summary>
    public required int MaxUncommittedBytes { get; init; }

    public required ClusterSpec Cluster { get; init; }

    public required KernelOptions Kernel { get; init; }

    public required SequencerOptions Sequencer { get; init; }

    /// <summary>What the machines do all the time until the calm.</summary>
    public required SimulatedFaults Machines { get; init; }

    public static SimulationPlan Draw(Random random)
    {
        int managers = random.Next(10) < 4 ? 1 : random.Pick([2, 3, 3, 3, 3, 4, 5]);
        bool changes = random.OneIn(managers == 1 ? 3 : 2);
        return Draw(random, managers, Math.Min(managers + (changes ? random.Next(1, 3) : 0), 5), changes);
    }

    public override string ToString() =>
        $"{Managers} managers on {Seats} machines{(ChangesMembers ? ", changing" : "")}, {Agents} agents, an operation each {OperationPeriod.TotalSeconds:0.0} s, a fault each {FaultPeriod.TotalSeconds:0.0} s, "
        + $"a container ends each {ContainerEndPeriod.TotalSeconds:0.0} s, latency {LongestManagerLatency.TotalMilliseconds:0}/{LongestAgentLatency.TotalMilliseconds:0} ms, "
        + $"sync {LongestSync.TotalMilliseconds:0} ms, loss {MessageLoss:0.00}, snapshot each {SnapshotEntries} entries, heartbeat {Cluster.HeartbeatPeriod.TotalSeconds} s, "
        + $"history {Cluster.TaskHistoryLimit}, orphaned after {Cluster.OrphanAfter.TotalSeconds:0} s";

    private static int WeightOf(FaultKind kind, Random random) => kind switch
    {
        // Each changes all that comes after it: few worlds have them, and not often.
        FaultKind.ForcedNewCluster or FaultKind.RestoredBackup => random.OneIn(5) ? 1 : 0,
        _ => random.OneIn(3) ? 0 : random.Next(1, 10),
    };

    private static SimulationPlan Draw(Random random, int managers, int seats, bool changesMembers) => new()
    {
        Managers = managers,
        Seats = seats,
        ChangesMembers = changesMembers,
        Agents = Math.Max(seats, random.OneIn(6) ? random.Next(8, 21) : random.Next(3, 8)),
        OperationPeriod = random.Between(1.2, 2.9),
        FaultPeriod = random.Pick([random.Between(2, 5), random.Between(5, 12), random.Between(12, 25)]),
        ContainerEndPeriod = random.Pick([random.Between(2, 8), random.Between(8, 30), random.Between(30, 120)]),
        FaultWeights = Enum.GetValues<FaultKind>().ToDictionary(kind => kind, kind => WeightOf(kind, random)),
        LongestManagerLatency = random.Pick([random.Between(0.001, 0.003), random.Between(0.005, 0.03), random.Between(0.03, 0.15)]),
        LongestAgentLatency = random.Pick([random.Between(0.001, 0.005), random.Between(0.005, 0.05), random.Between(0.05, 0.4)]),
        LongestSync = random.Pick([random.Between(0.001, 0.002), random.Between(0.002, 0.02), random.Between(0.02, 0.2)]),
        MessageLoss = random.OneIn(3) ? random.NextDouble() * 0.1 : 0,
        AnswerLoss = random.OneIn(3) ? random.NextDouble() * 0.2 : 0.02,
        TickLength = random.OneIn(4) ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromMilliseconds(100),
        SnapshotEntries = random.Next(40, 400),
        TrailingEntries = random.Next(0, 100),
        MaxUncommittedBytes = random.OneIn(6) ? random.Next(20_000, 80_000) : 64 << 20,
        Cluster = new ClusterSpec
        {
            TaskHistoryLimit = random.Pick([-1, 0, 1, 2, 5]),
            HeartbeatPeriod = random.Pick([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)]),
            OrphanAfter = random.OneIn(2) ? random.Between(20, 90) : TimeSpan.FromHours(24),
        },
        Kernel = new KernelOptions
        {
            MaxRows = random.OneIn(3) ? random.Next(60, 300) : 2_000,
            FullPassPeriod = random.OneIn(2) ? TimeSpan.FromHours(2) : random.Between(20, 300),
            FullPassTasks = random.Next(10, 200),
        },
        Sequencer = new SequencerOptions
        {
            MaxUnacknowledgedEntries = random.OneIn(3) ? random.Next(1, 8) : 64,
            MaxRequests = random.OneIn(2) ? 250 : 10_000,
        },
        Machines = new SimulatedFaults
        {
            Temporary = random.OneIn(2) ? random.NextDouble() * 0.05 : 0,
            Fatal = random.OneIn(2) ? random.NextDouble() * 0.02 : 0,
            Slow = random.OneIn(2) ? random.NextDouble() * 0.02 : 0,
            LongestDelay = random.Pick([random.Between(0.02, 0.1), random.Between(0.1, 1), random.Between(1, 3)]),
        },
    };
}
