using Cluster.Agent.Runtime;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Agent;
using Xunit;

namespace Cluster.UnitTests.Agent;

/// <summary>The life of single tasks, transition by transition.</summary>
public sealed class AgentCoreTests
{
    private const int T = 1;
    private static readonly SimulatedFaults AlwaysTemporary = new() { Temporary = 1 };
    private static readonly SimulatedFaults AlwaysFatal = new() { Fatal = 1 };
    private static readonly SimulatedFaults VerySlow = new() { Slow = 1 };

    [Fact]
    public void Runs_what_is_assigned()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        Assert.Equal(TaskState.Running, s.Reported(T));
        Assert.Equal(s.Machine.Containers[AssignmentBuilder.Id(T)].Pid, s.Status(T).Pid);
        Assert.Equal("started", s.Status(T).Message);
    }

    [Fact]
    public void Waits_in_ready_until_running_is_desired()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).Desired(TaskState.Ready).Build());
        Assert.Equal(TaskState.Ready, s.Reported(T));
        Assert.Equal(RuntimeTaskState.Created, s.ContainerState(T));
        s.Manager.Desire(AssignmentBuilder.Id(T), TaskState.Running);
        s.Run(5);
        Assert.Equal(TaskState.Running, s.Reported(T));
    }

    [Theory]
    [InlineData(0, false, TaskState.Complete, "")]
    [InlineData(3, false, TaskState.Failed, "task: non-zero exit (3)")]
    [InlineData(137, true, TaskState.Failed, "task: non-zero exit (137): out of memory, the kernel killed it at its memory limit")]
    public void Reports_how_the_process_ended(int code, bool outOfMemory, TaskState state, string error)
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        s.Exit(T, code, outOfMemory);
        s.Run(5);
        Assert.Equal((state, error, code, 0), (s.Status(T).State, s.Status(T).Error, s.Status(T).ExitCode!.Value, s.Status(T).Pid));
        Assert.Null(s.ContainerState(T));
        Assert.Empty(s.Machine.Networks);
        Assert.Contains(AssignmentBuilder.Id(T), s.Machine.TasksWithLogs);
    }

    [Theory]
    [InlineData(TaskState.Shutdown)]
    [InlineData(TaskState.Remove)]
    public void Stops_what_is_to_end_and_keeps_its_logs(TaskState desired)
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        s.Manager.Desire(AssignmentBuilder.Id(T), desired);
        s.Run(5);
        Assert.Equal((TaskState.Shutdown, 143), (s.Status(T).State, s.Status(T).ExitCode!.Value));
        Assert.Null(s.ContainerState(T));
        Assert.Contains(AssignmentBuilder.Id(T), s.Machine.TasksWithLogs);
        s.Manager.Remove(AssignmentBuilder.Id(T));
        s.Run(5);
        Assert.True(s.Machine.IsEmpty);
        Assert.Empty(s.Agent.Core.Owned);
    }

    [Fact]
    public void Shuts_down_without_a_container_what_never_ran()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).Desired(TaskState.Shutdown).Build());
        Assert.Equal(TaskState.Shutdown, s.Reported(T));
        Assert.False(s.Agent.Counts.ContainsKey("Prepare"));
    }

    [Fact]
    public void Cancels_a_slow_preparation_when_the_task_is_to_end()
    {
        AgentScenario s = AgentScenario.Connected();
        s.Agent.Faults = VerySlow;
        s.AssignAndRun(AssignmentBuilder.Task(T), seconds: 1);
        Assert.Equal(TaskState.Preparing, s.Reported(T));
        s.Agent.Faults = SimulatedFaults.None;
        s.Manager.Desire(AssignmentBuilder.Id(T), TaskState.Shutdown);
        s.Run(2);
        Assert.Equal(TaskState.Shutdown, s.Reported(T));
        Assert.Equal(1, s.Agent.Counts["cancelled"]);
        Assert.Empty(s.Machine.Containers);
    }

    [Fact]
    public void Rejects_a_task_that_cannot_be_prepared()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).With(c => c with { Image = SimulatedMachine.MissingImage }).Build());
        Assert.Equal((TaskState.Rejected, "no such image: missing"), (s.Status(T).State, s.Status(T).Error));
        Assert.Empty(s.Machine.Networks);
    }

    [Fact]
    public void Rejects_an_unknown_placeholder_without_touching_the_machine()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).With(c => c with { Env = ["A={{.Task.Colour}}"] }).Build());
        Assert.Equal(TaskState.Rejected, s.Reported(T));
        Assert.Contains("{{.Task.Colour}}", s.Status(T).Error, StringComparison.Ordinal);
        Assert.False(s.Agent.Counts.ContainsKey("Prepare"));
    }

    [Fact]
    public void Tries_again_with_growing_delays_and_says_so()
    {
        AgentScenario s = AgentScenario.Connected();
        s.Agent.Faults = AlwaysTemporary;
        s.AssignAndRun(AssignmentBuilder.Task(T), seconds: 20);
        Assert.Equal(TaskState.Preparing, s.Reported(T));
        Assert.Equal("preparing failed, trying again in 16 s", s.Status(T).Message);
        Assert.Equal("the machine is out of sorts", s.Status(T).Error);
        s.Run(600);
        Assert.Equal("preparing failed, trying again in 60 s", s.Status(T).Message);
        s.Agent.Faults = SimulatedFaults.None;
        s.Run(61);
        Assert.Equal((TaskState.Running, ""), (s.Status(T).State, s.Status(T).Error));
    }

    [Fact]
    public void Fails_a_task_that_cannot_be_started_and_cleans_up()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).Desired(TaskState.Ready).Build());
        s.Agent.Faults = AlwaysFatal;
        s.Manager.Desire(AssignmentBuilder.Id(T), TaskState.Running);
        s.Run(5);
        Assert.Equal((TaskState.Failed, "this task cannot run here"), (s.Status(T).State, s.Status(T).Error));
        Assert.Empty(s.Machine.Containers);
    }

    [Fact]
    public void Goes_on_without_a_manager_and_reports_later()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        s.Manager.Cut();
        s.Run(100);
        s.Exit(T, 9);
        s.Run(100);
        Assert.Equal(TaskState.Running, s.Reported(T));
        s.Manager.Connect();
        s.Run(1);
        Assert.Equal((TaskState.Failed, 9), (s.Status(T).State, s.Status(T).ExitCode!.Value));
    }

    [Fact]
    public void Reports_again_what_restored_managers_assign_again_after_they_refused_it()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        s.Manager.Cut();
        s.Manager.Remove(AssignmentBuilder.Id(T));
        s.Manager.Incarnation++;
        s.Manager.Connect();
        s.Run(0.005); // the session is open, and the inventory on its way
        Assert.Null(s.Reported(T));
        s.AssignAndRun(AssignmentBuilder.Task(T));
        Assert.Equal(TaskState.Running, s.Reported(T));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Adopts_running_containers_after_a_restart(bool losesState)
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        int pid = s.Status(T).Pid;
        s.RestartAgent(losesState);
        s.Run(60);
        Assert.Equal((TaskState.Running, pid), (s.Status(T).State, s.Status(T).Pid));
        Assert.Equal(1, s.Machine.Starts[AssignmentBuilder.Id(T)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reports_the_exit_code_of_what_died_while_the_agent_was_down(bool losesState)
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        s.KillAgent(losesState);
        s.Exit(T, 42);
        s.RestartAgent();
        s.Run(60);
        Assert.Equal((TaskState.Failed, "task: non-zero exit (42)"), (s.Status(T).State, s.Status(T).Error));
    }

    [Fact]
    public void Fails_what_ran_when_the_machine_restarted()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        s.KillAgent();
        s.Machine.Restart();
        s.RestartAgent();
        s.Run(60);
        Assert.Equal(TaskState.Failed, s.Reported(T));
        Assert.Contains("restarted", s.Status(T).Error, StringComparison.Ordinal);
        Assert.Empty(s.Machine.Containers);
    }

    [Fact]
    public void Prepares_again_what_waited_when_the_machine_restarted()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).Desired(TaskState.Ready).Build());
        s.KillAgent();
        s.Machine.Restart();
        s.RestartAgent();
        s.Run(10);
        s.Manager.Desire(AssignmentBuilder.Id(T), TaskState.Running);
        s.Run(10);
        Assert.Equal(TaskState.Running, s.Reported(T));
    }

    [Fact]
    public void Leaves_unknown_containers_alone_until_a_manager_has_spoken()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(AssignmentBuilder.Task(T));
        s.AssignAndRun(AssignmentBuilder.Task(2));
        s.KillAgent(losesState: true);
        s.Manager.Remove(AssignmentBuilder.Id(T));
        s.Agent.Start();
        s.Run(3600);
        Assert.Equal(RuntimeTaskState.Running, s.ContainerState(T));
        Assert.Equal(2, s.Machine.Networks.Count);
        s.Manager.Connect();
        s.Run(10);
        Assert.Null(s.ContainerState(T));
        Assert.Equal([AssignmentBuilder.Id(2)], s.Machine.Networks.Keys);
        Assert.Equal(RuntimeTaskState.Running, s.ContainerState(2));
    }

    [Fact]
    public void Waits_for_a_host_port_until_its_last_holder_has_given_it_back()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).Port(8080).Build());
        s.Exit(T, 1);
        s.AssignAndRun(new AssignmentBuilder(2).Port(8080).Build());
        Assert.Equal(TaskState.Running, s.Reported(2));
        Assert.Equal([AssignmentBuilder.Id(2)], s.Machine.Networks.Keys);
        s.AssignAndRun(new AssignmentBuilder(3).Port(8080).Build());
        Assert.Equal((TaskState.Accepted, "waiting for port 8080/Tcp"), (s.Status(3).State, s.Status(3).Message));
        s.Exit(2, 0);
        s.Run(5);
        Assert.Equal(TaskState.Running, s.Reported(3));
    }

    [Theory]
    [InlineData(TaskState.Running, TaskState.Failed)]
    [InlineData(TaskState.Ready, TaskState.Running)]
    [InlineData(TaskState.Complete, null)]
    [InlineData(TaskState.Orphaned, null)]
    public void Never_goes_below_what_the_managers_know(TaskState observed, TaskState? expected)
    {
        AgentScenario s = AgentScenario.Connected();
        TaskAssignment assignment = new AssignmentBuilder(T).Build();
        s.Manager.Pretend(assignment, observed);
        s.Run(10);
        Assert.Equal(expected ?? observed, s.Reported(T));
        Assert.Equal(expected == TaskState.Running ? RuntimeTaskState.Running : null, s.ContainerState(T));
    }

    [Fact]
    public void Ends_what_restored_managers_give_other_ports_and_gives_back_the_ones_it_had()
    {
        AgentScenario s = AgentScenario.Connected();
        s.AssignAndRun(new AssignmentBuilder(T).Port(8080).Build());
        s.Manager.Cut();
        s.Manager.Remove(AssignmentBuilder.Id(T));
        s.Manager.Incarnation++;
        s.Manager.Assign(new AssignmentBuilder(T).Port(9090).Build());
        s.Manager.Assign(new AssignmentBuilder(2).Port(8080).Build());
        s.Manager.Connect();
        s.Run(10);
        Assert.Equal((TaskState.Failed, TaskState.Running), (s.Reported(T), s.Reported(2)));
        Assert.Contains("other ports", s.Status(T).Error, StringComparison.Ordinal);
        Assert.Null(s.ContainerState(T));
    }

    [Fact]
    public void Tells_restored_managers_the_end_of_what_was_given_up()
    {
        AgentScenario s = AgentScenario.Connected();
        TaskAssignment assignment = new AssignmentBuilder(T).Desired(TaskState.Shutdown).Build();
        s.Manager.Pretend(assignment, TaskState.Orphaned);
        s.Run(10);
        s.Manager.Cut();
        s.Manager.Incarnation++;
        s.Manager.Pretend(assignment, TaskState.Running);
        s.Manager.Connect();
        s.Run(10);
        Assert.Equal(TaskState.Failed, s.Reported(T));
    }

    [Fact]
    public void Asks_for_what_differs_when_a_delta_misses_the_digest()
    {
        AgentScenario s = AgentScenario.Connected();
        s.Manager.CorruptsNextDelta = true;
        s.AssignAndRun(AssignmentBuilder.Task(T));
        Assert.Equal(TaskState.Running, s.Reported(T));
        Assert.False(s.Agent.Counts.ContainsKey("session given up"));
    }

    [Theory]
    [InlineData(1, 59, 61)]
    [InlineData(20, 2, 4)]
    public void Beats_in_the_period_that_it_is_told_while_the_session_runs(int seconds, int atLeast, int atMost)
    {
        AgentScenario s = AgentScenario.Connected();
        s.Manager.ChangePeriod(TimeSpan.FromSeconds(seconds));
        int before = s.Manager.Heartbeats;
        s.Run(60);
        Assert.InRange(s.Manager.Heartbeats - before, atLeast, atMost);
        Assert.False(s.Agent.Counts.ContainsKey("session given up"));
    }

    [Fact]
    public void Gives_a_silent_manager_up()
    {
        AgentScenario s = AgentScenario.Connected();
        s.Run(60);
        Assert.InRange(s.Manager.Heartbeats, 11, 13);
        Assert.True(s.Manager.IsConnected);
        s.Manager.Latency = TimeSpan.FromHours(1);
        s.Run(30);
        Assert.False(s.Manager.IsConnected);
    }

    [Fact]
    public void Starts_many_tasks_with_a_bounded_number_at_once()
    {
        AgentScenario s = AgentScenario.Connected();
        for (int i = 1; i <= 200; i++) s.Manager.Assign(AssignmentBuilder.Task(i));
        s.Run(60);
        Assert.Equal(200, s.Manager.Observed.Values.Count(status => status.State == TaskState.Running));
        for (int i = 1; i <= 200; i++) s.Manager.Remove(AssignmentBuilder.Id(i));
        s.Run(60);
        Assert.True(s.Machine.IsEmpty);
    }
}
