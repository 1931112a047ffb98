using System.Collections.Concurrent;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Rpc;
using Cluster.Rpc.Server;
using Cluster.Testing.Agent;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using AgentMessage = Cluster.Api.V1.AgentMessage;
using ManagerMessage = Cluster.Api.V1.ManagerMessage;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Agent;

/// <summary>The production client against a manager that a test plays, over real RPC on a unix socket.</summary>
public sealed class DispatcherClientTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agent-rpc-").FullName;
    private readonly CancellationTokenSource _giveUp = new(TimeSpan.FromMinutes(2), TimeProvider.System);
    private readonly PlayedManager _manager = new();
    private RpcServer? _server;

    private CancellationToken Ct => _giveUp.Token;

    private string Address => $"unix://{_directory}/m.sock";

    public async Task InitializeAsync()
    {
        _server = new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.Unix(Path.Combine(_directory, "m.sock"))],
            Services = [Dispatcher.BindService(_manager), LogRelay.BindService(_manager.Logs)],
        });
        await _server.StartAsync(Ct);
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        _giveUp.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Presents_itself_and_finds_held_templates_again()
    {
        Cluster.Model.Objects.TaskAssignment held = AssignmentBuilder.Task(1);
        _manager.Play = async (requests, responses, ct) =>
        {
            await requests.MoveNext(ct);
            Hello hello = requests.Current.Hello;
            await responses.WriteAsync(Welcome("s1", "unix:///other"), ct);
            await responses.WriteAsync(new ManagerMessage
            {
                Assignments = new Assignments
                {
                    Incarnation = hello.Incarnation,
                    Version = hello.Version + 1,
                    Put = { AssignmentBuilder.Task(2).ToProto() },
                    Digest = hello.Digest,
                },
            }, ct);
            await requests.MoveNext(ct);
        };
        ConcurrentQueue<ValueList<string>> lists = new();
        DispatcherClient client = Client([Address], lists.Enqueue);
        await using IDispatcherSession session = await client.OpenAsync(Hello([held]) with { Version = 41, Digest = [5] }, Ct);
        Assert.Equal(("s1", TimeSpan.FromSeconds(3)), (session.Welcome.SessionId, session.Welcome.HeartbeatPeriod));
        await foreach (Cluster.Agent.Sessions.ManagerMessage message in session.ReadAsync(Ct))
        {
            var assignments = Assert.IsType<Cluster.Agent.Sessions.ManagerMessage.Assignments>(message);
            Assert.Equal(42UL, assignments.Version);
            Assert.Equal(AssignmentBuilder.Task(2), assignments.Put.Single());
            break;
        }

        Assert.Equal(["unix:///other"], client.Managers);
        Assert.Single(lists);
    }

    [Fact]
    public async Task Goes_on_to_the_next_manager_when_one_is_not_there()
    {
        _manager.Play = WelcomeAndWait;
        DispatcherClient client = Client([$"unix://{_directory}/none.sock", Address]);
        await using IDispatcherSession session = await client.OpenAsync(Hello([]), Ct);
        Assert.Equal(Address, session.Manager);
    }

    [Fact]
    public async Task Tries_again_when_a_manager_is_busy_or_behind()
    {
        int calls = 0;
        _manager.Play = (requests, responses, ct) => Interlocked.Increment(ref calls) < 3
            ? throw new RpcException(new Status(StatusCode.Unavailable, "behind"))
            : WelcomeAndWait(requests, responses, ct);
        await using IDispatcherSession session = await Client([Address]).OpenAsync(Hello([]), Ct);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Gives_up_when_all_managers_refuse_the_certificate()
    {
        _manager.Play = (_, _, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, "node 9 is not part of this cluster"));
        NodeRefusedException e = await Assert.ThrowsAsync<NodeRefusedException>(() => Client([Address]).OpenAsync(Hello([]), Ct));
        Assert.Contains("not part of this cluster", e.Message, StringComparison.Ordinal);
        Assert.Contains("leave", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_a_session_is_lost_when_its_manager_goes_or_talks_nonsense()
    {
        _manager.Play = async (requests, responses, ct) =>
        {
            await WelcomeOnly(requests, responses, ct);
            await responses.WriteAsync(new ManagerMessage { Assignments = new Assignments { RemovedTaskIds = { "nonsense" } } }, ct);
        };
        await using IDispatcherSession session = await Client([Address]).OpenAsync(Hello([]), Ct);
        SessionLostException e = await Assert.ThrowsAsync<SessionLostException>(async () =>
        {
            await foreach (Cluster.Agent.Sessions.ManagerMessage _ in session.ReadAsync(Ct))
            {
            }
        });
        Assert.Contains("removed_task_ids", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Carries_statuses_and_log_lines()
    {
        TaskCompletionSource<StatusBatch> batch = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _manager.Play = async (requests, responses, ct) =>
        {
            await WelcomeOnly(requests, responses, ct);
            await requests.MoveNext(ct);
            batch.SetResult(requests.Current.Statuses);
            await requests.MoveNext(ct);
        };
        await using IDispatcherSession session = await Client([Address]).OpenAsync(Hello([]), Ct);
        Cluster.Model.Objects.TaskStatus status = new() { State = Cluster.Model.States.TaskState.Failed, ExitCode = 3, Error = "boom" };
        await session.SendAsync(
            new Cluster.Agent.Sessions.AgentMessage.Statuses(1, [new Cluster.Agent.Sessions.TaskStatusUpdate(AssignmentBuilder.Id(1), status)]), Ct);
        Assert.Equal(status, (await batch.Task.WaitAsync(Ct)).Updates.Single().Status.ToModel());
        await session.PublishLogsAsync("sub", Lines(), Ct);
        Assert.Equal(["sub", "sub", "sub"], _manager.Logs.Publications.Select(p => p.SubscriptionId));
        Assert.Equal("line", _manager.Logs.Publications.ElementAt(1).Lines.Single().Data.ToStringUtf8());
        Assert.Equal(AssignmentBuilder.Id(1).ToString(), _manager.Logs.Publications.Last().EndOfTask);
    }

    private static async IAsyncEnumerable<TaskLogLines> Lines()
    {
        yield return new TaskLogLines(AssignmentBuilder.Id(1), [new ContainerLogLine(DateTimeOffset.UnixEpoch, ContainerStream.Stdout, "line"u8.ToArray())], false, null);
        await Task.Yield();
        yield return new TaskLogLines(AssignmentBuilder.Id(1), [], true, null);
    }

    private static SessionHello Hello(Cluster.Model.Objects.TaskAssignment[] held) => new(new Cluster.Model.Objects.NodeDescription { Hostname = "w1" }, 1, 1, [], held);

    private static ManagerMessage Welcome(string id, params string[] managers) =>
        new() { Welcome = new Welcome { SessionId = id, HeartbeatPeriodTicks = TimeSpan.FromSeconds(3).Ticks, Incarnation = 1, Managers = { managers } } };

    private static async Task WelcomeOnly(IAsyncStreamReader<AgentMessage> requests, IServerStreamWriter<ManagerMessage> responses, CancellationToken ct)
    {
        await requests.MoveNext(ct);
        await responses.WriteAsync(Welcome("s"), ct);
    }

    private static async Task WelcomeAndWait(IAsyncStreamReader<AgentMessage> requests, IServerStreamWriter<ManagerMessage> responses, CancellationToken ct)
    {
        await WelcomeOnly(requests, responses, ct);
        await requests.MoveNext(ct);
    }

    private static DispatcherClient Client(ValueList<string> managers, Action<ValueList<string>>? changed = null) => new(new DispatcherClientOptions
    {
        NodeId = new NodeId(9),
        Managers = managers,
        OpenChannel = address => new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Parse(address) }),
        ManagersChanged = changed,
        Random = new Random(1),
        Logger = NullLogger.Instance,
    });

    private sealed class PlayedManager : Dispatcher.DispatcherBase
    {
        public Func<IAsyncStreamReader<AgentMessage>, IServerStreamWriter<ManagerMessage>, CancellationToken, Task> Play { get; set; } = WelcomeAndWait;

        public PlayedRelay Logs { get; } = new();

        public override Task Session(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<ManagerMessage> responseStream, ServerCallContext context) =>
            Play(requestStream, responseStream, context.CancellationToken);
    }

    private sealed class PlayedRelay : LogRelay.LogRelayBase
    {
        public ConcurrentQueue<LogPublication> Publications { get; } = new();

        public override async Task<LogPublicationResult> Publish(IAsyncStreamReader<LogPublication> requestStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken)) Publications.Enqueue(requestStream.Current);
            return new LogPublicationResult();
        }
    }
}
