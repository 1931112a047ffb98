using Cluster.Agent.Runtime;
using Cluster.Agent.Tasks;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Testing.Agent;

namespace Cluster.UnitTests.Agent;

/// <summary>One agent on one simulated machine with one simulated manager, under virtual time.</summary>
internal sealed class AgentScenario
{
    public static readonly NodeId Node = new(4711);

    public AgentScenario(int seed = 1, int parallelStarts = 4)
    {
        Queue = new VirtualQueue(new ClusterTime(new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks));
        Random = new Random(seed);
        Machine = new SimulatedMachine();
        AgentCoreOptions options = new() { NodeId = Node, Hostname = "w1", Architecture = "amd64", ParallelStarts = parallelStarts };
        Agent = new SimulatedAgent(options, Machine, Queue, new Random(seed + 1));
        Manager = new SimulatedDispatcher(Agent, Queue);
    }

    public VirtualQueue Queue { get; }

    public Random Random { get; }

    public SimulatedMachine Machine { get; }

    public SimulatedAgent Agent { get; }

    public SimulatedDispatcher Manager { get; }

    public static AgentScenario Connected()
    {
        AgentScenario scenario = new();
        scenario.Agent.Start();
        scenario.Manager.Connect();
        scenario.Run(1);
        return scenario;
    }

    public void Run(double seconds) => Queue.RunFor(TimeSpan.FromSeconds(seconds));

    public TaskState? Reported(int task) => Manager.Observed.TryGetValue(AssignmentBuilder.Id(task), out Cluster.Model.Objects.TaskStatus? s) ? s.State : null;

    public Cluster.Model.Objects.TaskStatus Status(int task) => Manager.Observed[AssignmentBuilder.Id(task)];

    public RuntimeTaskState? ContainerState(int task) =>
        Machine.Containers.TryGetValue(AssignmentBuilder.Id(task), out SimulatedContainer? c) ? c.State : null;

    public void Exit(int task, int code, bool outOfMemory = false) => Machine.End(
        AssignmentBuilder.Id(task), new ContainerExit(code, new DateTimeOffset(Queue.Now.Ticks, TimeSpan.Zero), outOfMemory));

    public void KillAgent(bool losesState = false)
    {
        Agent.Kill(losesState);
        Manager.AgentKilled();
    }

    public void RestartAgent(bool losesState = false)
    {
        KillAgent(losesState);
        Agent.Start();
        Manager.Connect();
    }

    public void AssignAndRun(TaskAssignment assignment, double seconds = 5)
    {
        Manager.Assign(assignment);
        Run(seconds);
    }
}
