using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using ControlClient = Cluster.Api.V1.Control.ControlClient;
using Task = System.Threading.Tasks.Task;
using UserRole = Cluster.Api.V1.UserRole;

namespace Cluster.UnitTests.Manager;

/// <summary>Callers who speak for somebody else, or say what cannot be: over real TLS, with certificates that are good.</summary>
public sealed class ImpersonationTests : IAsyncLifetime
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private RunningManager _manager = null!;
    private RpcChannel _admin = null!;
    private X509Certificate2 _worker = null!;
    private RpcChannel _channel = null!;

    private string Id => CertificateIdentity.TryRead(_worker)!.NodeId.ToString();

    public async Task InitializeAsync()
    {
        _manager = await RunningManager.StartAsync();
        _admin = _manager.Connect(_manager.ManagerCertificate);
        _worker = await _manager.JoinWorkerAsync(_key);
        _channel = _manager.Connect(_worker);
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _admin.DisposeAsync();
        await _manager.DisposeAsync();
        _key.Dispose();
        _otherKey.Dispose();
    }

    [Fact]
    public async Task A_worker_that_claims_to_hand_on_anothers_call_is_itself()
    {
        string other = CertificateIdentity.TryRead(await _manager.JoinWorkerAsync(_otherKey))!.NodeId.ToString();
        Metadata claim = new() { { "cluster-caller", $"node:{other}" } };

        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = await OpenAsync(_channel, claim);
        Assert.Equal([Id], (await _manager.NodesAsync()).Where(node => node.Status.State == NodeState.Ready).Select(node => node.Id));

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new CertificateAuthority.CertificateAuthorityClient(_channel)
            .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(_otherKey)) }, claim));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("belongs to another node", refusal.Status.Detail, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await new ControlClient(_channel).GetJoinTokensAsync(new GetJoinTokensRequest(), new Metadata { { "cluster-caller", $"local:{_manager.Node.Id}" } }));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
    }

    [Fact]
    public async Task A_person_who_claims_to_hand_on_anothers_call_is_logged_as_who_it_is()
    {
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(_admin).Watch(new WatchRequest { Kinds = { WatchKind.Service } });
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        await using RpcChannel person = _manager.Connect(await _manager.IssueUserAsync("olga", UserRole.Operator));

        await new ControlClient(person).CreateServiceAsync(Service(replicas: 0), new Metadata { { "cluster-caller", $"local:{_manager.Node.Id}" } });

        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("user:olga", watch.ResponseStream.Current.Actor);
    }

    [Fact]
    public async Task A_workers_report_for_another_nodes_task_changes_nothing()
    {
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> owner = await OpenAsync(_channel);
        await new ControlClient(_admin).CreateServiceAsync(Service(replicas: 1));
        string task;
        do Assert.True(await owner.ResponseStream.MoveNext(CancellationToken.None));
        while (owner.ResponseStream.Current.Assignments is not { Put.Count: > 0 });
        task = owner.ResponseStream.Current.Assignments.Put[0].TaskId;

        await using RpcChannel channel = _manager.Connect(await _manager.JoinWorkerAsync(_otherKey));
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> other = await OpenAsync(channel);
        TaskStatusUpdate report = new() { TaskId = task, Status = new Cluster.Api.V1.TaskStatus { State = TaskState.Failed, Error = "not mine" } };
        await other.RequestStream.WriteAsync(new AgentMessage { Statuses = new StatusBatch { Sequence = 1, Updates = { report } } });
        do Assert.True(await other.ResponseStream.MoveNext(CancellationToken.None));
        while (other.ResponseStream.Current.StatusAck is null);

        Cluster.Api.V1.Task row = (await new ControlClient(_admin).GetTaskAsync(new GetTaskRequest { Task = task })).Task;
        Assert.Equal((Id, ""), (row.NodeId, row.Status.Error));
        Assert.NotEqual(TaskState.Failed, row.Status.State);
        Assert.Single((await new ControlClient(_admin).ListTasksAsync(new ListTasksRequest())).Tasks);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1L)]
    public async Task A_clock_that_shows_no_time_ends_the_session_and_nothing_else(long ticks)
    {
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = await OpenAsync(_channel);
        await session.RequestStream.WriteAsync(new AgentMessage { Heartbeat = new Heartbeat { WallClockTicks = ticks } });
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await session.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("is no time", refusal.Status.Detail, StringComparison.Ordinal);

        // Nor does another manager's report of it end the leader.
        ReportSessionsRequest report = new() { Sessions = { new SessionState { NodeId = Id, ClockSkewTicks = ticks == -1 ? long.MaxValue : ticks } } };
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Managers.ManagersClient(_admin).ReportSessionsAsync(report));
        Assert.Contains("is no distance of clocks", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.All(await _manager.NodesAsync(), node => Assert.Equal(0, node.Status.ClockSkewTicks));
    }

    private static CreateServiceRequest Service(int replicas) => new()
    {
        RequestId = Base36.Format(1),
        Spec = new ServiceSpec { Name = "web", Container = new ContainerSpec { Image = "lab/web:1" }, Replicas = replicas },
    };

    private static async Task<AsyncDuplexStreamingCall<AgentMessage, ManagerMessage>> OpenAsync(RpcChannel channel, Metadata? headers = null)
    {
        AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = new Dispatcher.DispatcherClient(channel).Session(headers);
        NodeDescription description = new() { Hostname = "w", Os = "linux", Architecture = "amd64", Resources = new Resources { NanoCpus = 1_000_000_000, MemoryBytes = 1 << 30 } };
        await session.RequestStream.WriteAsync(new AgentMessage { Hello = new Hello { Description = description } });
        Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        Assert.NotNull(session.ResponseStream.Current.Welcome);
        return session;
    }
}
