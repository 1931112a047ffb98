using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Cluster.Store.Sequencing;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;
using ControlClient = Cluster.Api.V1.Control.ControlClient;

namespace Cluster.UnitTests.Manager;

/// <summary>What is too much is refused over the wire, by name, and leaves nothing behind.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    /// <summary>A manager's own limit is larger than a message: no single call meets it.</summary>
    private const int MaxEntryBytes = 128 << 10;

    private RunningManager _manager = null!;
    private RpcChannel _channel = null!;

    public async Task InitializeAsync()
    {
        _manager = await RunningManager.StartAsync(sequencer: new SequencerOptions { MaxEntryBytes = MaxEntryBytes });
        _channel = _manager.Connect(_manager.ManagerCertificate);
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        Assert.Empty(await _manager.ServiceNamesAsync());
        await _manager.DisposeAsync();
    }

    [Fact]
    public async Task A_message_that_is_too_large()
    {
        ServiceSpec spec = Spec();
        spec.Container.Env.Add("A=" + new string('x', 5 << 20));
        RpcException refusal = await RefusedAsync(spec);
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Contains("4194304", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_is_too_long()
    {
        ServiceSpec spec = Spec();
        spec.Labels["notes"] = new string('x', 40_000);
        RpcException refusal = await RefusedAsync(spec);
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("32768", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_labels()
    {
        ServiceSpec spec = Spec();
        for (int i = 0; i < 1_001; i++) spec.Labels[$"l{i}"] = "";
        RpcException refusal = await RefusedAsync(spec);
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("labels", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_much_text_in_all()
    {
        ServiceSpec spec = Spec();
        for (int i = 0; i < 9; i++) spec.Labels[$"l{i}"] = new string('x', 30 * 1024);
        RpcException refusal = await RefusedAsync(spec);
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("262144", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_makes_too_large_an_entry()
    {
        ServiceSpec spec = Spec();
        for (int i = 0; i < 7; i++) spec.Labels[$"l{i}"] = new string('x', 30 * 1024);
        RpcException refusal = await RefusedAsync(spec);
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Matches($"^the change takes [0-9]+ bytes, more than the {MaxEntryBytes} allowed for one", refusal.Status.Detail);
    }

    [Fact]
    public async Task Too_much_text_in_a_nodes_labels()
    {
        ControlClient control = new(_channel);
        Cluster.Api.V1.Node node = (await control.GetNodeAsync(new GetNodeRequest { Node = "self" })).Node;
        for (int i = 0; i < 120; i++) node.Spec.Labels[$"l{i}"] = new string('x', 32 * 1024);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.UpdateNodeAsync(
            new UpdateNodeRequest { RequestId = new RequestId(1).ToString(), NodeId = node.Id, Version = node.Meta.Version, Spec = node.Spec }));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("node labels", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("262144", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(Assert.Single((await control.ListNodesAsync(new ListNodesRequest())).Nodes).Spec.Labels);
    }

    [Fact]
    public async Task Too_many_replicas()
    {
        ServiceSpec spec = Spec();
        spec.Replicas = 100_001;
        RpcException refusal = await RefusedAsync(spec);
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("replicas", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workers_streams_above_the_limit_while_others_are_served()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using RpcChannel channel = _manager.Connect(await _manager.JoinWorkerAsync(key));

        // None of them says hello, so none is answered but the one that is refused.
        List<AsyncDuplexStreamingCall<AgentMessage, ManagerMessage>> calls = [.. Enumerable.Range(0, 257).Select(_ => new Dispatcher.DispatcherClient(channel).Session())];
        Task<bool> answered = await Task.WhenAny(calls.Select(call => call.ResponseStream.MoveNext(CancellationToken.None)));
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => answered);
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Matches("^node [0-9a-z]{25} has 256 streams open", refusal.Status.Detail);
        Assert.Single((await new ControlClient(_channel).ListNodesAsync(new ListNodesRequest())).Nodes, node => node.Spec.Role == NodeRole.Manager);
        calls.ForEach(call => call.Dispose());
    }

    [Fact]
    public async Task A_workers_calls_above_the_limit_while_others_are_served()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 worker = await _manager.JoinWorkerAsync(key);
        await using RpcChannel first = _manager.Connect(worker), second = _manager.Connect(worker);

        // None of their requests comes to its end, so none is answered but the one that is refused.
        List<AsyncClientStreamingCall<byte[], byte[]>> calls = [.. Enumerable.Range(0, 1_001).Select(i => ProtocolMethods.Begin(i % 2 == 0 ? first : second, "cluster.v1.Health", "Check"))];
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await await Task.WhenAny(calls.Select(call => call.ResponseAsync)));
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Matches("^node [0-9a-z]{25} has 1000 calls open at this server, which is the limit: end some", refusal.Status.Detail);
        Assert.NotEmpty((await new ControlClient(_channel).ListNodesAsync(new ListNodesRequest())).Nodes);
        calls.ForEach(call => call.Dispose());
    }

    [Fact]
    public async Task A_persons_streams_above_the_limit_over_all_connections()
    {
        X509Certificate2 reader = await _manager.IssueUserAsync("rita", UserRole.Reader);
        await using RpcChannel first = _manager.Connect(reader), second = _manager.Connect(reader);
        List<AsyncServerStreamingCall<WatchBatch>> watches = [];
        for (int i = 0; i < 256; i++)
        {
            watches.Add(new Watch.WatchClient(i % 2 == 0 ? first : second).Watch(new WatchRequest()));
            Assert.True(await watches[^1].ResponseStream.MoveNext(CancellationToken.None));
        }

        using AsyncServerStreamingCall<WatchBatch> above = new Watch.WatchClient(second).Watch(new WatchRequest());
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => above.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.StartsWith("user rita has 256 streams open", refusal.Status.Detail, StringComparison.Ordinal);
        await new ControlClient(first).ListNodesAsync(new ListNodesRequest());
        watches.ForEach(watch => watch.Dispose());
    }

    private static ServiceSpec Spec() => new() { Name = "large", Container = new ContainerSpec { Image = "lab/web:1" }, Replicas = 0 };

    private Task<RpcException> RefusedAsync(ServiceSpec spec) => Assert.ThrowsAsync<RpcException>(async () =>
        await new ControlClient(_channel).CreateServiceAsync(new CreateServiceRequest { RequestId = new RequestId(1).ToString(), Spec = spec }));
}
