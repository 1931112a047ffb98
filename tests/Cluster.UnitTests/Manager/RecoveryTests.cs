using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Going on with one manager, from its log and from a backup.</summary>
public sealed class RecoveryTests
{
    private ulong _requests;

    [Fact]
    public async Task Goes_on_with_all_that_the_survivors_log_holds_and_refuses_the_old_group()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await CreateAsync(first, "acknowledged");
        await second.StopAsync();
        await first.StopAsync();

        await second.ReviveAsync();
        await first.RestartAsync();

        Assert.Contains("acknowledged", await NamesAsync(second));
        await CreateAsync(second, "later");
        global::Cluster.Api.V1.Node[] nodes = [.. await NodesAsync(second)];
        Assert.Single(nodes, node => node.Leader && node.Id == second.Node.Id.ToString());
        Assert.Null(nodes.Single(node => node.Id == first.Node.Id.ToString()).Manager);

        // The first one's group has no quorum, and its certificate is a worker's to the cluster that goes on.
        await using RpcChannel channel = second.Connect(first.ManagerCertificate);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new global::Cluster.Api.V1.Control.ControlClient(channel).ListNodesAsync(new ListNodesRequest()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
    }

    [Fact]
    public async Task Takes_in_a_manager_that_needs_a_snapshot_to_begin_with()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await CreateAsync(first, "before");
        await first.StopAsync();
        await first.ReviveAsync();

        await using RunningManager second = await first.AddAsync();

        Assert.Equal(["before"], await NamesAsync(second));
    }

    [Fact]
    public async Task Restores_a_backup_with_everything_that_was_acknowledged_before_it()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await CreateAsync(first, "before");
        byte[] backup = await BackUpAsync(first);
        await CreateAsync(first, "after");

        await using RunningManager restored = await first.RestoreAsync(backup);

        Assert.Equal(["before"], await NamesAsync(restored));
        Assert.Equal(2, (await NodesAsync(restored)).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(-1)]
    public async Task Refuses_a_damaged_backup(int at)
    {
        await using RunningManager first = await RunningManager.StartAsync();
        byte[] backup = await BackUpAsync(first);
        backup[at < 0 ? backup.Length + at : at] ^= 1;

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => first.RestoreAsync(backup));
        Assert.Contains("the backup cannot be restored", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<byte[]> BackUpAsync(RunningManager manager)
    {
        await using RpcChannel channel = manager.Connect(manager.ManagerCertificate);
        using AsyncServerStreamingCall<CreateBackupResponse> call = new global::Cluster.Api.V1.Control.ControlClient(channel).CreateBackup(new CreateBackupRequest());
        using MemoryStream content = new();
        while (await call.ResponseStream.MoveNext(CancellationToken.None)) call.ResponseStream.Current.Data.WriteTo(content);
        return content.ToArray();
    }

    private Task CreateAsync(RunningManager manager, string name) => manager.CreateServiceAsync(name, Base36.Format(++_requests));

    private static Task<string[]> NamesAsync(RunningManager manager) => manager.ServiceNamesAsync();

    private static Task<IReadOnlyList<global::Cluster.Api.V1.Node>> NodesAsync(RunningManager manager) => manager.NodesAsync();
}
