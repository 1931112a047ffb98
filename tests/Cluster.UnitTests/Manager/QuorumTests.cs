using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Three managers in one process, over real mutual TLS.</summary>
public sealed class QuorumTests
{
    private ulong _requests;

    [Fact]
    public async Task Takes_changes_on_every_manager_and_shows_them_on_all()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await using RunningManager third = await second.AddAsync();

        foreach (RunningManager manager in new[] { third, second, first })
        {
            string name = $"from-{manager.Node.Id}";
            await CreateAsync(manager, name);
            foreach (RunningManager reader in new[] { first, second, third }) Assert.Contains(name, await NamesAsync(reader));
        }

        Assert.Equal(3, (await NodesAsync(third)).Count(node => node.Manager is not null));
        Assert.Single(await NodesAsync(second), node => node.Leader);
    }

    [Fact]
    public async Task Goes_on_when_the_leader_stops_and_takes_it_back()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await using RunningManager third = await first.AddAsync();
        await CreateAsync(first, "before");

        await first.StopAsync();
        await CreateAsync(second, "without-the-first");
        Assert.Contains("without-the-first", await NamesAsync(third));

        await first.RestartAsync();
        string[] names = await NamesAsync(first);
        Assert.Contains("before", names);
        Assert.Contains("without-the-first", names);
    }

    [Fact]
    public async Task Takes_further_managers_in_when_its_log_is_only_a_snapshot()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await CreateAsync(first, "in-the-snapshot");
        await first.Role.SaveSnapshotAsync(CancellationToken.None);
        await using RunningManager second = await first.AddAsync();
        await first.Role.SaveSnapshotAsync(CancellationToken.None);
        await using RunningManager third = await second.AddAsync();

        Assert.Equal(["in-the-snapshot"], await NamesAsync(third));
        await first.StopAsync();
        await CreateAsync(third, "without-the-first");
        Assert.Equal(2, (await NamesAsync(second)).Length);
    }

    [Fact]
    public async Task Serves_nobody_without_a_majority()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await first.StopAsync();

        // Both wait for a leader for a while, so they wait together.
        Task<RpcException> read = Assert.ThrowsAsync<RpcException>(() => NamesAsync(second));
        Task<RpcException> write = Assert.ThrowsAsync<RpcException>(() => CreateAsync(second, "nobody"));
        Assert.Equal(StatusCode.Unavailable, (await read).StatusCode);
        Assert.Contains("majority", (await read).Status.Detail, StringComparison.Ordinal);
        Assert.Equal(StatusCode.Unavailable, (await write).StatusCode);

        // The change may still be made: nobody was told that it was not. What must hold is that both say the same.
        await first.RestartAsync();
        Assert.Equal(await NamesAsync(first), await NamesAsync(second));
    }

    [Fact]
    public async Task A_manager_that_cannot_know_a_node_yet_sends_it_away_without_giving_it_up()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await using RunningManager third = await first.AddAsync();
        await third.StopAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 worker = await first.JoinWorkerAsync(key);
        await first.StopAsync();
        await second.StopAsync();

        await third.RestartAsync();
        await using RpcChannel channel = third.Connect(worker);
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = new Dispatcher.DispatcherClient(channel).Session();
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => session.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.Unavailable, refusal.StatusCode);
        Assert.Contains("may be behind the others", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demotes_the_leader_and_refuses_its_certificate_at_once()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await using RunningManager third = await first.AddAsync();
        await using RpcChannel channel = second.Connect(second.ManagerCertificate);
        global::Cluster.Api.V1.Control.ControlClient control = new(channel);
        global::Cluster.Api.V1.Node node = (await control.GetNodeAsync(new GetNodeRequest { Node = first.Node.Id.ToString() })).Node;
        Assert.True(node.Leader);
        node.Spec.Role = NodeRole.Worker;

        await control.UpdateNodeAsync(new UpdateNodeRequest { RequestId = NextRequest(), NodeId = node.Id, Version = node.Meta.Version, Spec = node.Spec });

        // A read waits until this manager knows what was acknowledged by another.
        await NodesAsync(third);
        await using RpcChannel demoted = third.Connect(first.ManagerCertificate);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new global::Cluster.Api.V1.Control.ControlClient(demoted).ListNodesAsync(new ListNodesRequest()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);

        // Somebody else leads, and the row is free of the member: then the node may become a worker.
        await using RpcChannel watching = third.Connect(third.ManagerCertificate);
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(watching).Watch(new WatchRequest { AfterVersion = 1 });
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            if (watch.ResponseStream.Current.Events.Any(e => e.Node is { Manager: null } row && row.Id == node.Id)) break;
        }

        Assert.Single(await NodesAsync(third), n => n.Leader && n.Id != node.Id);
    }

    private Task CreateAsync(RunningManager manager, string name) => manager.CreateServiceAsync(name, NextRequest());

    private static Task<string[]> NamesAsync(RunningManager manager) => manager.ServiceNamesAsync();

    private static Task<IReadOnlyList<global::Cluster.Api.V1.Node>> NodesAsync(RunningManager manager) => manager.NodesAsync();

    private string NextRequest() => Base36.Format(++_requests);
}
