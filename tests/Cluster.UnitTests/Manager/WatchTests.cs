using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Model.Time;
using Cluster.Rpc;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;
using ControlClient = Cluster.Api.V1.Control.ControlClient;

namespace Cluster.UnitTests.Manager;

/// <summary>What a watcher is told: who asked for a change, what was before, and from which time on.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private RunningManager _manager = null!;
    private RpcChannel _channel = null!;

    public async Task InitializeAsync()
    {
        _manager = await RunningManager.StartAsync();
        _channel = _manager.Connect(_manager.ManagerCertificate);
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _manager.DisposeAsync();
    }

    [Fact]
    public async Task Tells_who_asked_and_what_was_before()
    {
        using AsyncServerStreamingCall<WatchBatch> watch = Watch(new WatchRequest { WithPrevious = true, Kinds = { WatchKind.Service } });
        await watch.ResponseStream.MoveNext();
        await _manager.CreateServiceAsync("web", Id(1));
        WatchBatch created = await NextAsync(watch);
        Assert.Equal($"node:{_manager.Node.Id}", created.Actor);
        Assert.Equal(WatchEvent.PreviousOneofCase.None, created.Events.Single().PreviousCase);
        Assert.True(created.ClusterTimeTicks > 0);

        Service service = created.Events.Single().Service;
        ServiceSpec spec = service.Spec.Clone();
        spec.Labels["tier"] = "front";
        await new ControlClient(_channel).UpdateServiceAsync(new UpdateServiceRequest { RequestId = Id(2), ServiceId = service.Id, Version = service.Meta.Version, Spec = spec });
        WatchEvent updated = (await NextAsync(watch)).Events.Single();
        Assert.Empty(updated.PreviousService.Spec.Labels);
        Assert.Equal("front", updated.Service.Spec.Labels["tier"]);
    }

    [Fact]
    public async Task Goes_back_to_a_time_and_ends_at_one()
    {
        await _manager.CreateServiceAsync("web", Id(1));
        long now = ClusterTime.FromUtc(TimeProvider.System.GetUtcNow()).Ticks;
        using AsyncServerStreamingCall<WatchBatch> watch = Watch(new WatchRequest { SinceTicks = 1, UntilTicks = now, Kinds = { WatchKind.Service } });
        List<WatchBatch> batches = await watch.ResponseStream.ReadAllAsync().ToListAsync();
        Assert.False(batches[0].Incomplete);
        Assert.Equal("web", batches[1].Events.Single().Service.Spec.Name);
        Assert.Equal(2, batches.Count);
    }

    [Fact]
    public async Task Says_when_it_cannot_go_back_so_far()
    {
        await _manager.RestartAsync();
        await using RpcChannel channel = _manager.Connect(_manager.ManagerCertificate);
        await _manager.CreateServiceAsync("web", Id(1));
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(channel).Watch(new WatchRequest { AfterVersion = 3, SinceTicks = 5 });
            await watch.ResponseStream.MoveNext();
        });
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("since_ticks", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        for (int i = 1; i <= 5; i++) await _manager.CreateServiceAsync($"s{i}", Id(i));
        List<string> names = [];
        ListServicesRequest request = new() { Limit = 2 };
        List<int> sizes = [];
        do
        {
            ListServicesResponse page = await new ControlClient(_channel).ListServicesAsync(request);
            names.AddRange(page.Services.Select(service => service.Spec.Name));
            sizes.Add(page.Services.Count);
            Assert.Equal(page.Services.Count, page.Counts.Count);
            request.AfterServiceId = page.NextAfterServiceId;
        }
        while (request.AfterServiceId.Length > 0);
        Assert.Equal(["s1", "s2", "s3", "s4", "s5"], names.Order(StringComparer.Ordinal));
        Assert.Equal([2, 2, 1], sizes);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new ControlClient(_channel).ListNodesAsync(new ListNodesRequest { AfterNodeId = "?" }));
        Assert.Contains("after_node_id", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_ends_before_a_message_is_too_large()
    {
        string large = new('x', 30 * 1024);
        ControlClient control = new(_channel);
        for (int i = 1; i <= 12; i++)
        {
            ServiceSpec spec = new() { Name = $"s{i}", Container = new ContainerSpec { Image = "lab/web:1" }, Replicas = 0 };
            for (int label = 0; label < 8; label++) spec.Labels[$"l{label}"] = large;
            await control.CreateServiceAsync(new CreateServiceRequest { RequestId = Id(i), Spec = spec });
        }

        ListServicesResponse page = await control.ListServicesAsync(new ListServicesRequest());
        Assert.InRange(page.Services.Count, 1, 11);
        Assert.NotEmpty(page.NextAfterServiceId);
    }

    private AsyncServerStreamingCall<WatchBatch> Watch(WatchRequest request) => new Watch.WatchClient(_channel).Watch(request);

    private static async Task<WatchBatch> NextAsync(AsyncServerStreamingCall<WatchBatch> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext());
        return watch.ResponseStream.Current;
    }

    private static string Id(int number) => new RequestId((UInt128)number).ToString();
}
