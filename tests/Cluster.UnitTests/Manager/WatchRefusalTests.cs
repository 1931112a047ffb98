using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using Xunit;
using ControlClient = Cluster.Api.V1.Control.ControlClient;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Places in a history or a list that are none, over real TLS.</summary>
public sealed class WatchRefusalTests : IAsyncLifetime
{
    private RunningManager _manager = null!;

    public async Task InitializeAsync()
    {
        _manager = await RunningManager.StartAsync();
        await _manager.CreateServiceAsync("web", Base36.Format(1));
    }

    public async Task DisposeAsync() => await _manager.DisposeAsync();

    [Fact]
    public async Task Refuses_a_version_whose_changes_are_not_kept_any_more()
    {
        // A history begins with the snapshot that a manager starts from.
        await _manager.Role.SaveSnapshotAsync(CancellationToken.None);
        await _manager.RestartAsync();
        await using RpcChannel channel = _manager.Connect(_manager.ManagerCertificate);
        await RefusesAsync(channel, 1, "compacted: changes after version 1 are not kept any more; list again");

        ulong listed = (await new ControlClient(channel).GetServiceAsync(new GetServiceRequest { Service = "web" })).Service.Meta.Version;
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(channel).Watch(new WatchRequest { AfterVersion = await NewestAsync(channel) });
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.True(watch.ResponseStream.Current.Version >= listed);
    }

    [Fact]
    public async Task Refuses_a_version_that_the_cluster_has_not_reached()
    {
        await using RpcChannel channel = _manager.Connect(_manager.ManagerCertificate);
        await RefusesAsync(channel, await NewestAsync(channel) + 1_000, "perhaps it was restored from a backup: list again");
        await RefusesAsync(channel, ulong.MaxValue, "has not reached 18446744073709551615");
    }

    [Theory]
    [InlineData("?")]
    [InlineData("WEB")]
    [InlineData("00000000000000000000000000")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzz")]
    public async Task Refuses_what_is_no_place_in_a_list(string token)
    {
        await using RpcChannel channel = _manager.Connect(_manager.ManagerCertificate);
        ControlClient control = new(channel);
        await InvalidAsync("after_node_id", token, async () => await control.ListNodesAsync(new ListNodesRequest { AfterNodeId = token }));
        await InvalidAsync("after_service_id", token, async () => await control.ListServicesAsync(new ListServicesRequest { AfterServiceId = token }));
        await InvalidAsync("after_task_id", token, async () => await control.ListTasksAsync(new ListTasksRequest { AfterTaskId = token }));
        await InvalidAsync("service_id", token, async () => await control.ListTasksAsync(new ListTasksRequest { ServiceId = token }));
        await InvalidAsync("node_id", token, async () => await control.ListTasksAsync(new ListTasksRequest { NodeId = token }));
    }

    [Fact]
    public async Task Takes_a_place_of_another_list_for_what_it_is_an_id_to_begin_behind()
    {
        await using RpcChannel channel = _manager.Connect(_manager.ManagerCertificate);
        ControlClient control = new(channel);
        Service service = (await control.GetServiceAsync(new GetServiceRequest { Service = "web" })).Service;
        bool isBehind = string.CompareOrdinal(service.Id, _manager.Node.Id.ToString()) > 0;
        Assert.Equal(isBehind ? 1 : 0, (await control.ListServicesAsync(new ListServicesRequest { AfterServiceId = _manager.Node.Id.ToString() })).Services.Count);
        Assert.Equal(isBehind ? 0 : 1, (await control.ListNodesAsync(new ListNodesRequest { AfterNodeId = service.Id, Limit = -1 })).Nodes.Count);
        Assert.Empty((await control.ListTasksAsync(new ListTasksRequest { AfterTaskId = service.Id, Limit = int.MaxValue })).Tasks);
    }

    private static async Task<ulong> NewestAsync(RpcChannel channel)
    {
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(channel).Watch(new WatchRequest());
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        return watch.ResponseStream.Current.Version;
    }

    private static async Task RefusesAsync(RpcChannel channel, ulong version, string sentence)
    {
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(channel).Watch(new WatchRequest { AfterVersion = version });
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(CancellationToken.None)) Assert.Empty(watch.ResponseStream.Current.Events);
        });
        Assert.Equal(StatusCode.OutOfRange, refusal.StatusCode);
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task InvalidAsync(string field, string token, Func<Task> call)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains($"{field}: '{token}' is not an id", refusal.Status.Detail, StringComparison.Ordinal);
    }
}
