using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Agent;
using Xunit;

namespace Cluster.UnitTests.Agent;

/// <summary>
/// Random assignments, faults, kills, lost state, lost sessions; then calm. SimulatedAgent and SimulatedDispatcher check at every step
/// that one operation runs per task, that nothing unverified is removed, and that states only grow.
/// </summary>
public sealed class AgentRandomTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Converges_after_any_history(int seed)
    {
        AgentScenario scenario = new(seed, parallelStarts: 1 + seed % 5);
        RandomHistory history = new(scenario);
        history.Play(steps: 150);
        BringCalm(scenario);
        CheckEqualsAssignment(scenario, seed);
        foreach (TaskId taskId in scenario.Manager.Assigned.Keys.ToArray()) scenario.Manager.Remove(taskId);
        scenario.Run(300);
        Assert.True(scenario.Machine.IsEmpty, $"seed {seed}: something is left on the machine");
        Assert.Empty(scenario.Agent.Core.Owned);
        if (!history.LosesStates) Assert.All(scenario.Machine.Starts, start => Assert.Equal(1, start.Value));
    }

    [Fact]
    public void Equal_seeds_give_equal_histories()
    {
        Assert.Equal(Trace(5), Trace(5));
        Assert.NotEqual(Trace(5), Trace(6));
    }

    public static TheoryData<int> Seeds()
    {
        TheoryData<int> seeds = [];
        for (int seed = 1; seed <= 60; seed++) seeds.Add(seed);
        return seeds;
    }

    private static string Trace(int seed)
    {
        AgentScenario scenario = new(seed);
        new RandomHistory(scenario).Play(steps: 100);
        return string.Join(' ', scenario.Agent.Counts.Select(c => $"{c.Key}={c.Value}")) + $" executed={scenario.Queue.Executed}";
    }

    private static void BringCalm(AgentScenario scenario)
    {
        scenario.Agent.Faults = SimulatedFaults.None;
        if (!scenario.Agent.IsRunning) scenario.Agent.Start();
        for (int i = 0; i < 60; i++)
        {
            scenario.Manager.Connect();
            scenario.Run(10);
        }
    }

    private static void CheckEqualsAssignment(AgentScenario scenario, int seed)
    {
        foreach ((TaskId taskId, TaskAssignment assignment) in scenario.Manager.Assigned)
        {
            TaskState? reported = scenario.Manager.Observed.TryGetValue(taskId, out Cluster.Model.Objects.TaskStatus? s) ? s.State : null;
            SimulatedContainer? container = scenario.Machine.Containers.GetValueOrDefault(taskId);
            string what = $"seed {seed}: task {taskId} desired {assignment.DesiredState} reported {reported} '{s?.Message}' '{s?.Error}' container {container?.State}";
            Assert.True(reported is not null, what);
            bool isRunning = reported == TaskState.Running && container?.State == RuntimeTaskState.Running && s!.Pid == container.Pid;
            bool isReady = reported == TaskState.Ready && container?.State == RuntimeTaskState.Created;
            bool isEnded = reported!.Value.IsTerminal() && container is null && !scenario.Machine.Networks.ContainsKey(taskId);
            Assert.True(isEnded || (assignment.DesiredState == TaskState.Running ? isRunning : assignment.DesiredState == TaskState.Ready && isReady), what);
            Assert.True(container is null == !scenario.Machine.Networks.ContainsKey(taskId), $"{what}, network {container is null}");
            Assert.Equal(s, scenario.Agent.Core.StatusOf(taskId));
        }

        Assert.All(scenario.Machine.Containers.Keys, id => Assert.Contains(id, scenario.Manager.Assigned));
        Assert.All(scenario.Machine.Networks.Keys, id => Assert.Contains(id, scenario.Manager.Assigned));
        Assert.All(scenario.Machine.TasksWithLogs, id => Assert.Contains(id, scenario.Manager.Assigned));
        Assert.Equal(scenario.Manager.Assigned.Keys, scenario.Agent.Core.Owned);
    }
}

/// <summary>A random life of a node.</summary>
internal sealed class RandomHistory(AgentScenario scenario)
{
    private readonly Random _random = scenario.Random;
    private int _lastTask;

    /// <summary>Whether the state file may be lost. Where it never is, no process is ever started twice, not even when the machine restarts.</summary>
    public bool LosesStates { get; } = scenario.Random.Next(2) == 0;

    public void Play(int steps)
    {
        scenario.Agent.Start();
        for (int i = 0; i < steps; i++)
        {
            Step();
            scenario.Run(_random.NextDouble() * (_random.Next(6) == 0 ? 60 : 1));
        }
    }

    private void Step()
    {
        switch (_random.Next(24))
        {
            case < 7:
                Assign();
                break;
            case 7 or 8:
                scenario.Manager.Desire(Any(scenario.Manager.Assigned.Keys), TaskState.Running);
                break;
            case 9 or 10:
                scenario.Manager.Desire(Any(scenario.Manager.Assigned.Keys), _random.Next(2) == 0 ? TaskState.Shutdown : TaskState.Remove);
                break;
            case 11 or 12:
                scenario.Manager.Remove(Any(scenario.Manager.Assigned.Keys));
                break;
            case 13 or 14:
                EndContainer();
                break;
            case 15:
                scenario.KillAgent(losesState: LosesStates && _random.Next(2) == 0);
                break;
            case 16 or 17:
                if (!scenario.Agent.IsRunning) scenario.Agent.Start();
                break;
            case 18:
                scenario.Manager.Cut();
                break;
            case 19 or 20:
                scenario.Manager.Connect();
                break;
            case 21:
                scenario.Agent.Faults = Faults();
                break;
            case 22:
                scenario.Manager.CorruptsNextDelta = _random.Next(2) == 0;
                break;
            default:
                Misfortune();
                break;
        }
    }

    private void Assign()
    {
        AssignmentBuilder builder = new AssignmentBuilder(++_lastTask).Slot(_lastTask).Desired(_random.Next(4) == 0 ? TaskState.Ready : TaskState.Running);
        int kind = _random.Next(12);
        if (kind == 0) builder.With(c => c with { Image = SimulatedMachine.MissingImage });
        if (kind == 1) builder.With(c => c with { Env = ["X={{.Nonsense}}"] });
        if (kind == 2) builder.With(c => c with { Env = ["NAME={{ .Task.Name }}"] });
        int port = 8000 + _random.Next(3);
        bool isFree = !scenario.Manager.Assigned.Values.Any(a => a.HostPorts.Any(p => p.PublishedPort == port) && !IsOver(a.TaskId));
        if (kind > 8 && isFree) builder.Port(port);
        scenario.Manager.Assign(builder.Build());
    }

    private bool IsOver(TaskId taskId) => scenario.Manager.Observed.TryGetValue(taskId, out Cluster.Model.Objects.TaskStatus? s) && s.State.IsTerminal();

    private void EndContainer()
    {
        TaskId taskId = Any(scenario.Machine.Containers.Keys);
        int code = _random.Next(3);
        scenario.Machine.End(taskId, new ContainerExit(code, new DateTimeOffset(scenario.Queue.Now.Ticks, TimeSpan.Zero), OutOfMemory: code == 2));
    }

    private void Misfortune()
    {
        switch (_random.Next(3))
        {
            case 0 when !LosesStates:
                scenario.KillAgent();
                scenario.Machine.Restart();
                break;
            case 0 or 1:
                scenario.Manager.Cut();
                scenario.Manager.Incarnation++;
                break;
            default:
                PlantStranger();
                break;
        }
    }

    /// <summary>A container that no assignment names, as a lost state file leaves behind.</summary>
    private void PlantStranger()
    {
        if (scenario.Agent.IsRunning) return;
        TaskId taskId = AssignmentBuilder.Id(100_000 + ++_lastTask);
        NetworkSandbox network = scenario.Machine.Attach(new NetworkRequest(taskId, NetworkMode.Bridge, []));
        scenario.Machine.Prepare(new ContainerPlan
        {
            TaskId = taskId, ServiceId = new ServiceId(5), TaskName = "stranger", Container = new ContainerSpec { Image = "x" }, Network = network,
        });
        if (_random.Next(2) == 0) scenario.Machine.Start(taskId);
    }

    private SimulatedFaults Faults() => _random.Next(3) == 0
        ? SimulatedFaults.None
        : new SimulatedFaults { Temporary = _random.NextDouble() * 0.5, Fatal = _random.NextDouble() * 0.1, Slow = _random.NextDouble() * 0.2 };

    private TaskId Any(IEnumerable<TaskId> taskIds)
    {
        TaskId[] all = [.. taskIds];
        return all.Length == 0 ? default : all[_random.Next(all.Length)];
    }
}
