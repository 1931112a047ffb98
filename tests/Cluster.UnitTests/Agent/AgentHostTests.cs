using Cluster.Agent.Hosting;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Agent;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Cluster.UnitTests.Agent;

/// <summary>The asynchronous shell, with in-memory seams and a real state file. Waits for what happens, never for time.</summary>
public sealed class AgentHostTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agent-host-").FullName;
    private readonly SimulatedMachine _machine = new();
    private readonly InMemoryContainerRuntime _runtime;
    private readonly InMemoryDispatcherClient _dispatcher = new();
    private readonly CancellationTokenSource _giveUp = new(TimeSpan.FromMinutes(2), TimeProvider.System);
    private CancellationTokenSource _stopping = new();
    private AgentHost? _host;
    private Task _running = Task.CompletedTask;

    public AgentHostTests() => _runtime = new InMemoryContainerRuntime(_machine, TimeProvider.System);

    private CancellationToken Ct => _giveUp.Token;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopAsync();
        _giveUp.Dispose();
        _stopping.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Runs_an_assigned_task_and_reports_it_step_by_step()
    {
        InMemorySession session = await StartAsync();
        await AssignAsync(session, 1, AssignmentBuilder.Task(1));
        TaskState[] states = [.. (await ReadUntilAsync(session, 1, TaskState.Running)).Select(status => status.State)];
        Assert.Equal(states.Order(), states);
        Assert.Equal([AssignmentBuilder.Id(1)], await _host!.ListOwnedAsync(Ct));
        Assert.Equal("memory", _host.ConnectedManager);
    }

    [Fact]
    public async Task Leaves_containers_running_when_it_stops_and_resumes_with_what_it_holds()
    {
        InMemorySession session = await StartAsync();
        TaskAssignment assignment = AssignmentBuilder.Task(1);
        await AssignAsync(session, 7, assignment);
        int pid = (await ReadUntilAsync(session, 1, TaskState.Running))[^1].Pid;
        await StopAsync();
        Assert.Equal(RuntimeTaskState.Running, _machine.Containers[AssignmentBuilder.Id(1)].State);
        InMemorySession again = await StartAsync();
        Assert.Equal((1UL, 7UL), (again.Hello.Incarnation, again.Hello.Version));
        Assert.Equal(DigestOf(assignment).ToArray(), again.Hello.Digest.ToArray());
        Assert.Equal(pid, (await ReadUntilAsync(again, 1, TaskState.Running))[^1].Pid);
    }

    [Fact]
    public async Task Removes_everything_after_an_empty_assignment()
    {
        InMemorySession session = await StartAsync();
        await AssignAsync(session, 1, AssignmentBuilder.Task(1));
        await ReadUntilAsync(session, 1, TaskState.Running);
        Task<bool> emptied = WhenMachineAsync(() => _machine.IsEmpty);
        await session.TellAsync(new ManagerMessage.Assignments(1, 2, IsComplete: true, [], [], []), Ct);
        Assert.True(await emptied);
    }

    [Fact]
    public async Task Opens_another_session_when_one_is_lost_and_reports_again_what_was_not_acknowledged()
    {
        InMemorySession session = await StartAsync();
        await AssignAsync(session, 1, new AssignmentBuilder(1).With(c => c with { Command = ["exit", "5"] }).Build());
        await ReadUntilAsync(session, 1, TaskState.Failed);
        session.End("the cable was pulled");
        InMemorySession next = await _dispatcher.AcceptAsync(Ct);
        Assert.Equal("task: non-zero exit (5)", (await ReadUntilAsync(next, 1, TaskState.Failed))[^1].Error);
    }

    [Fact]
    public async Task Tries_again_when_the_runtime_breaks()
    {
        int calls = 0;
        _runtime.Interfere = (operation, _, _) => operation == "start" && Interlocked.Increment(ref calls) == 1
            ? throw new InvalidOperationException("the socket is gone")
            : Task.CompletedTask;
        InMemorySession session = await StartAsync();
        await AssignAsync(session, 1, AssignmentBuilder.Task(1));
        IReadOnlyList<Cluster.Model.Objects.TaskStatus> seen = await ReadUntilAsync(session, 1, TaskState.Running);
        Assert.Contains(seen, status => status.Error.Contains("the socket is gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cancels_an_operation_that_hangs_when_the_task_is_to_end()
    {
        _runtime.Interfere = (operation, _, ct) => operation == "prepare" ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct) : Task.CompletedTask;
        InMemorySession session = await StartAsync();
        TaskAssignment assignment = AssignmentBuilder.Task(1);
        await AssignAsync(session, 1, assignment);
        await ReadUntilAsync(session, 1, TaskState.Preparing);
        await AssignAsync(session, 2, assignment with { DesiredState = TaskState.Shutdown });
        await ReadUntilAsync(session, 1, TaskState.Shutdown);
    }

    [Fact]
    public async Task Relays_logs_until_the_manager_has_enough()
    {
        InMemorySession session = await StartAsync();
        await AssignAsync(session, 1, new AssignmentBuilder(1).With(c => c with { Command = ["print", "hello"] }).Build());
        await ReadUntilAsync(session, 1, TaskState.Running);
        ValueList<TaskId> ids = [AssignmentBuilder.Id(1)];
        await session.TellAsync(new ManagerMessage.LogRequest("a", ids, Follow: false, -1, null), Ct);
        (string id, TaskLogLines lines) = await session.Logs.ReadAsync(Ct);
        Assert.Equal(("a", "hello"), (id, System.Text.Encoding.UTF8.GetString(lines.Lines.Single().Data.Span)));
        Assert.True((await session.Logs.ReadAsync(Ct)).Lines.IsEnd);
        await session.TellAsync(new ManagerMessage.LogRequest("b", ids, Follow: true, 0, null), Ct);
        Task<(string SubscriptionId, TaskLogLines Lines)> followed = session.Logs.ReadAsync(Ct).AsTask();
        while (!followed.IsCompleted) // until the follower has begun, there is nobody to see a line
        {
            _runtime.Change(() => _machine.Log(ids[0], new ContainerLogLine(DateTimeOffset.UnixEpoch, ContainerStream.Stderr, "x"u8.ToArray())));
            await Task.Yield();
        }

        Assert.Equal("b", (await followed).SubscriptionId);
        await session.TellAsync(new ManagerMessage.LogClose("b"), Ct);
    }

    [Fact]
    public async Task Ends_when_the_managers_refuse_this_node()
    {
        _dispatcher.Refusal = new NodeRefusedException("the certificate has expired");
        AgentHost host = new(Options());
        NodeRefusedException e = await Assert.ThrowsAsync<NodeRefusedException>(() => host.RunAsync(Ct));
        Assert.Equal("the certificate has expired", e.Message);
    }

    private static System.Collections.Immutable.ImmutableArray<byte> DigestOf(params TaskAssignment[] all) =>
        [.. AssignmentDigest.OfSet(all.Select(a => (a.TaskId, AssignmentDigest.Of(a))))];

    private AgentHostOptions Options() => new()
    {
        ClusterId = new ClusterId(1),
        NodeId = AgentScenario.Node,
        StatePath = Path.Combine(_directory, "tasks"),
        Runtime = _runtime,
        Networks = new InMemoryNetworkPlane(_machine, _runtime),
        Dispatcher = _dispatcher,
        Describe = () => new NodeDescription { Hostname = "w1", Os = "linux", Architecture = "amd64" },
        Logger = NullLogger.Instance,
    };

    private async Task<InMemorySession> StartAsync()
    {
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        _host = new AgentHost(Options());
        _running = _host.RunAsync(_stopping.Token);
        return await _dispatcher.AcceptAsync(Ct);
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // As it ends.
        }
    }

    private async Task AssignAsync(InMemorySession session, ulong version, TaskAssignment assignment) =>
        await session.TellAsync(new ManagerMessage.Assignments(1, version, IsComplete: true, [assignment], [], DigestOf(assignment)), Ct);

    /// <summary>The statuses of the task that were reported until it was in the state.</summary>
    private async Task<IReadOnlyList<Cluster.Model.Objects.TaskStatus>> ReadUntilAsync(InMemorySession session, int task, TaskState state)
    {
        List<Cluster.Model.Objects.TaskStatus> seen = [];
        while (seen.Count == 0 || seen[^1].State != state)
        {
            if (await session.FromAgent.ReadAsync(Ct) is not AgentMessage.Statuses batch) continue;
            seen.AddRange(batch.Updates.Where(update => update.TaskId == AssignmentBuilder.Id(task)).Select(update => update.Status));
        }

        return seen;
    }

    private async Task<bool> WhenMachineAsync(Func<bool> condition)
    {
        TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _runtime.Changed += () =>
        {
            if (condition()) changed.TrySetResult();
        };
        await changed.Task.WaitAsync(Ct);
        return true;
    }
}
