using System.Security.Cryptography;
using System.Text;
using Cluster.Api.V1;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>Autolock on daemons with real managers: what is locked, what opens it, and what is refused, asked on the daemon's socket.</summary>
public sealed class NodeLockTests
{
    [Fact]
    public async Task Locks_when_autolock_is_switched_on_and_starts_again_only_with_the_key()
    {
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        await node.InitAsync();
        Assert.Equal((null, true), (node.SealGeneration, node.HasOwnKey));
        await node.CreateServiceAsync("before", "x");
        await node.SetAutolockAsync(true);
        string key = await node.UnlockKeyAsync();
        await NodeDaemon.UntilAsync(() => node.SealGeneration == 1 && !node.HasOwnKey);
        await node.CreateServiceAsync("after", "x");

        await node.RestartAsync();
        Assert.Equal(LocalNodeState.Locked, await node.StateAsync());
        Dictionary<string, byte[]> disk = node.Disk().ToDictionary(file => file.Path, file => file.Content, StringComparer.Ordinal);
        await RefusesAsync(StatusCode.FailedPrecondition, "cluster node unlock", () => node.ServicesAsync());
        await RefusesAsync(StatusCode.FailedPrecondition, "cluster node unlock", async () => await node.Node.ListOwnedAsync(new ListOwnedRequest()));
        await RefusesAsync(StatusCode.FailedPrecondition, "is locked", () => node.InitAsync());
        await RefusesAsync(StatusCode.FailedPrecondition, "is locked", () => node.JoinAsync(Token, "192.0.2.1:2377"));
        await RefusesAsync(StatusCode.FailedPrecondition, "is locked", async () => await node.Node.LeaveAsync(new LeaveRequest()));
        await RefusesAsync(StatusCode.FailedPrecondition, "is locked", async () => await node.Node.InitAsync(new InitRequest { ForceNewCluster = true }));
        await RefusesAsync(StatusCode.InvalidArgument, "SWMKEY-1-", () => node.UnlockAsync("SWMKEY-2-" + key[9..]));
        await RefusesAsync(StatusCode.PermissionDenied, "not the unlock key", () => node.UnlockAsync("SWMKEY-1-" + Convert.ToBase64String(new byte[32]).TrimEnd('=')));
        Assert.Equal(LocalNodeState.Locked, await node.StateAsync());
        Assert.All(node.Disk(), file => Assert.Equal(disk[file.Path], file.Content));

        await node.UnlockAsync(key);
        Assert.Equal(LocalNodeState.Active, await node.StateAsync());
        Assert.Equal(["after", "before"], (await node.ServicesAsync()).Order(StringComparer.Ordinal));
        await RefusesAsync(StatusCode.FailedPrecondition, "not locked", () => node.UnlockAsync(key));
    }

    [Fact]
    public async Task Leaves_no_service_label_readable_on_the_disk_of_a_locked_node_that_is_stopped()
    {
        string marker = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        await node.InitAsync(autolock: true);
        Assert.Equal((1UL, false), (node.SealGeneration, node.HasOwnKey));
        string key = await node.UnlockKeyAsync();
        await node.CreateServiceAsync("marked", marker);
        await node.RotateUnlockKeyAsync();
        await NodeDaemon.UntilAsync(() => node.SealGeneration == 2);
        await node.StopAsync();
        Assert.All(node.Disk(), file =>
        {
            Assert.Equal(-1, file.Content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(marker)));
            Assert.Equal(-1, file.Content.AsSpan().IndexOf(Convert.FromHexString(marker)));
            Assert.Equal(-1, file.Content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(key[9..])));
        });
    }

    [Fact]
    public async Task Writes_under_a_new_data_key_after_a_rotation_and_forgets_the_one_before()
    {
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        await node.InitAsync(autolock: true);
        for (int i = 0; i < 3; i++)
        {
            string[] before = Fingerprints(node);
            await node.CreateServiceAsync($"s{i}", "x");
            await node.RotateUnlockKeyAsync();
            await NodeDaemon.UntilAsync(() => !Fingerprints(node).Intersect(before, StringComparer.Ordinal).Any());
        }

        string key = await node.UnlockKeyAsync();
        await NodeDaemon.UntilAsync(() => node.SealGeneration == 4);
        await node.RestartAsync();
        await node.UnlockAsync(key);
        Assert.Equal(3, (await node.ServicesAsync()).Length);
    }

    [Fact]
    public async Task A_manager_that_was_down_during_a_rotation_is_unlocked_with_the_key_of_before_and_follows()
    {
        await using NodeDaemon first = await NodeDaemon.StartAsync();
        await using NodeDaemon second = await NodeDaemon.StartAsync();
        InitResponse init = await first.InitAsync(autolock: true);
        await second.JoinAsync(init.ManagerToken, first.Address);
        await NodeDaemon.UntilAsync(() => second.SealGeneration == 1 && !second.HasOwnKey);
        await using NodeDaemon third = await NodeDaemon.StartAsync();
        await third.JoinAsync(init.ManagerToken, first.Address);
        string old = await first.UnlockKeyAsync();
        await second.StopAsync();
        string rotated = await first.RotateUnlockKeyAsync();
        Assert.NotEqual(old, rotated);
        await NodeDaemon.UntilAsync(() => first.SealGeneration == 2 && third.SealGeneration == 2);

        await second.RestartAsync();
        await RefusesAsync(StatusCode.PermissionDenied, "the one from before", () => second.UnlockAsync(rotated));
        await second.UnlockAsync(old);
        await NodeDaemon.UntilAsync(() => second.SealGeneration == 2);

        await second.RestartAsync();
        await RefusesAsync(StatusCode.PermissionDenied, "not the unlock key", () => second.UnlockAsync(old));
        await second.UnlockAsync(rotated);
        Assert.Equal(rotated, await second.UnlockKeyAsync());
    }

    [Fact]
    public async Task A_demoted_manager_and_a_cluster_without_autolock_open_by_themselves()
    {
        await using NodeDaemon first = await NodeDaemon.StartAsync();
        await using NodeDaemon second = await NodeDaemon.StartAsync();
        InitResponse init = await first.InitAsync(autolock: true);
        await second.JoinAsync(init.ManagerToken, first.Address);
        await NodeDaemon.UntilAsync(() => second.SealGeneration == 1);

        string id = (await second.Node.GetStatusAsync(new GetNodeStatusRequest())).NodeId;
        await SetRoleAsync(first, id, NodeRole.Worker);
        second.Agent.IsToBe(Cluster.Model.States.NodeRole.Worker);
        await NodeDaemon.UntilAsync(() => second.SealGeneration is null && second.HasOwnKey);
        await second.RestartAsync();
        Assert.Equal(LocalNodeState.Active, await second.StateAsync());

        await SetRoleAsync(first, id, NodeRole.Manager);
        second.Agent.IsToBe(Cluster.Model.States.NodeRole.Manager);
        await NodeDaemon.UntilAsync(() => second.SealGeneration == 1 && !second.HasOwnKey);

        await first.SetAutolockAsync(false);
        await NodeDaemon.UntilAsync(() => first.SealGeneration is null && second.SealGeneration is null);
        await RefusesAsync(StatusCode.FailedPrecondition, "autolock is off", () => first.UnlockKeyAsync());
        await RefusesAsync(StatusCode.FailedPrecondition, "autolock is off", () => first.RotateUnlockKeyAsync());
        await first.RestartAsync();
        await second.RestartAsync();
        Assert.Equal((LocalNodeState.Active, LocalNodeState.Active), (await first.StateAsync(), await second.StateAsync()));
    }

    [Fact]
    public async Task A_restored_cluster_and_one_that_goes_on_alone_are_locked_with_the_same_key()
    {
        await using NodeDaemon first = await NodeDaemon.StartAsync();
        await first.InitAsync(autolock: true);
        await first.CreateServiceAsync("kept", "x");
        string key = await first.UnlockKeyAsync();
        using MemoryStream backup = new();
        using (AsyncServerStreamingCall<CreateBackupResponse> call = first.Control.CreateBackup(new CreateBackupRequest()))
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None)) call.ResponseStream.Current.Data.WriteTo(backup);
        }

        await first.Node.InitAsync(new InitRequest { ForceNewCluster = true });
        await first.RestartAsync();
        await first.UnlockAsync(key);
        Assert.Equal(["kept"], await first.ServicesAsync());
        await first.StopAsync();

        await using NodeDaemon second = await NodeDaemon.StartAsync();
        using (AsyncClientStreamingCall<RestoreRequest, InitResponse> call = second.Node.Restore())
        {
            await call.RequestStream.WriteAsync(new RestoreRequest { AdvertiseAddress = second.Address, ListenAddress = second.Address, Data = Google.Protobuf.ByteString.CopyFrom(backup.ToArray()) });
            await call.RequestStream.CompleteAsync();
            await call;
        }

        Assert.Equal((1UL, false), (second.SealGeneration, second.HasOwnKey));
        await second.RestartAsync();
        await second.UnlockAsync(key);
        Assert.Equal(["kept"], await second.ServicesAsync());
        await second.RestartAsync();
        await second.Node.LeaveAsync(new LeaveRequest { Force = true });
        Assert.Empty(second.Disk());
    }

    private const string Token = "SWMTKN-1-00000000000000000000000000000000000000000000000001-0000000000000000000000001";

    /// <summary>Of the data keys in the headers of log and snapshots.</summary>
    private static string[] Fingerprints(NodeDaemon node) =>
        [.. node.Disk().Where(file => file.Path.EndsWith(".seg", StringComparison.Ordinal) || file.Path.EndsWith(".snap", StringComparison.Ordinal)).Select(file => Convert.ToHexString(file.Content, 56, 16)).Distinct()];

    private static async Task SetRoleAsync(NodeDaemon manager, string id, NodeRole role)
    {
        await NodeDaemon.UntilAsync(async () =>
        {
            Cluster.Api.V1.Node node = (await manager.Control.GetNodeAsync(new GetNodeRequest { Node = id })).Node;
            node.Spec.Role = role;
            try
            {
                await manager.Control.UpdateNodeAsync(new UpdateNodeRequest { RequestId = NodeDaemon.NextRequest(), NodeId = id, Version = node.Meta.Version, Spec = node.Spec });
                return true;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Aborted or StatusCode.FailedPrecondition)
            {
                // Changed meanwhile, or still leaving the group.
                return false;
            }
        });
    }

    private static async Task RefusesAsync(StatusCode code, string sentence, Func<Task> call)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(code, refusal.StatusCode);
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
    }
}
