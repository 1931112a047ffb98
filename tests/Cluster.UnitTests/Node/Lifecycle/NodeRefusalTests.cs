using System.Net;
using System.Net.Sockets;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Time;
using Cluster.Model.Tokens;
using Cluster.Store;
using Cluster.Store.Snapshots;
using Cluster.UnitTests.Manager;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>Changes of a node's life that are refused, by a daemon or by the managers that it asks over real TLS: why, and that nothing of it stays.</summary>
public sealed class NodeRefusalTests
{
    private const string Elsewhere = "SWMTKN-1-00000000000000000000000000000000000000000000000001-0000000000000000000000001";

    [Fact]
    public async Task Joins_that_are_refused_leave_no_node_on_either_side()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        string address = manager.Address.ToString(), token = manager.WorkerToken.Reveal();
        await RefusesAsync(node, StatusCode.InvalidArgument, "this is not a join token", () => node.JoinAsync("SWMTKN-1-x", address));
        await RefusesAsync(node, StatusCode.PermissionDenied, "its root certificate has another digest", () => node.JoinAsync(Elsewhere, address));
        await RefusesAsync(node, StatusCode.PermissionDenied, "the join token is not valid (any more)", () => node.JoinAsync(JoinToken.Create(manager.Root.RawData, 7).Reveal(), address));
        await RefusesAsync(node, StatusCode.InvalidArgument, "manager address: 'a b' is neither an address nor a host name", () => node.JoinAsync(token, "a b"));
        await RefusesAsync(node, StatusCode.InvalidArgument, "has no valid port", () => node.JoinAsync(token, "127.0.0.1:99999"));
        await RefusesAsync(node, StatusCode.FailedPrecondition, "no manager answered", () => node.JoinAsync(token, "127.0.0.1:1"), mayKeepKey: true);
        Assert.Single(await manager.NodesAsync());

        // None of that is in the way of the right one.
        await node.JoinAsync(token, address);
        Assert.Equal(LocalNodeState.Active, await node.StateAsync());
        Assert.Equal(2, (await manager.NodesAsync()).Count);
        await SaysAsync(StatusCode.FailedPrecondition, "already part of cluster", () => node.JoinAsync(token, address));
        await SaysAsync(StatusCode.FailedPrecondition, "already part of cluster", () => node.InitAsync());
        await SaysAsync(StatusCode.FailedPrecondition, "this node is a worker", async () => await node.Node.InitAsync(new InitRequest { ForceNewCluster = true }));
        await SaysAsync(StatusCode.FailedPrecondition, "this node is not a manager", () => node.ServicesAsync());
        Assert.Equal(LocalNodeState.Active, await node.StateAsync());
    }

    [Fact]
    public async Task A_cluster_that_cannot_begin_says_why_and_leaves_nothing()
    {
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        using TcpListener busy = new(IPAddress.Loopback, 0);
        busy.Start();
        string taken = busy.LocalEndpoint.ToString()!;
        await RefusesAsync(node, StatusCode.FailedPrecondition, "address already in use", async () => await node.Node.InitAsync(new InitRequest { AdvertiseAddress = taken, ListenAddress = taken }));
        await RefusesAsync(node, StatusCode.InvalidArgument, "advertise-addr: 'a b'", async () => await node.Node.InitAsync(new InitRequest { AdvertiseAddress = "a b", ListenAddress = taken }));
        await RefusesAsync(node, StatusCode.InvalidArgument, "certificate expiry", async () => await node.Node.InitAsync(
            new InitRequest { AdvertiseAddress = taken, ListenAddress = taken, Spec = new ClusterSpec { CertificateExpiryTicks = 1 } }));
        await RefusesAsync(node, StatusCode.InvalidArgument, "the root's certificate or key cannot be read", async () => await node.Node.InitAsync(
            new InitRequest { AdvertiseAddress = taken, ListenAddress = taken, RootCertificateDer = ByteString.CopyFromUtf8("no certificate") }));
        await RefusesAsync(node, StatusCode.FailedPrecondition, "this node is not part of a cluster", async () => await node.Node.InitAsync(new InitRequest { ForceNewCluster = true }));
        await RefusesAsync(node, StatusCode.FailedPrecondition, "this node is not part of a cluster", async () => await node.Node.LeaveAsync(new LeaveRequest { Force = true }));
        await RefusesAsync(node, StatusCode.FailedPrecondition, "not locked", () => node.UnlockAsync(UnlockKeyText.Format(new byte[32])));

        await node.InitAsync();
        await SaysAsync(StatusCode.FailedPrecondition, "the cluster's last manager", async () => await node.Node.LeaveAsync(new LeaveRequest()));
        Assert.Equal(LocalNodeState.Active, await node.StateAsync());
    }

    [Fact]
    public async Task Backups_that_are_not_whole_or_too_new_are_refused_and_leave_nothing()
    {
        await using NodeDaemon first = await NodeDaemon.StartAsync();
        await first.InitAsync();
        byte[] backup = await BackUpAsync(first);
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        await RefusesAsync(node, StatusCode.InvalidArgument, "cut off", () => RestoreAsync(node, []));
        await RefusesAsync(node, StatusCode.InvalidArgument, "cut off", () => RestoreAsync(node, backup[..^1]));
        await RefusesAsync(node, StatusCode.InvalidArgument, "not a snapshot of Cluster's store", () => RestoreAsync(node, new byte[1_000]));
        await RefusesAsync(node, StatusCode.InvalidArgument, "the backup cannot be restored", () => RestoreAsync(node, Flipped(backup, backup.Length / 2)));
        await RefusesAsync(node, StatusCode.InvalidArgument, "the backup cannot be restored", () => RestoreAsync(node, [.. backup, 0]));
        await RefusesAsync(node, StatusCode.FailedPrecondition, $"at feature level {FeatureLevels.Supported + 1}, and this version of Cluster reads up to level {FeatureLevels.Supported}", () => RestoreAsync(node, Newer(backup)));
        await SaysAsync(StatusCode.FailedPrecondition, "already part of cluster", () => RestoreAsync(first, backup));
        Assert.Empty(await first.ServicesAsync());

        await RestoreAsync(node, backup);
        Assert.Equal(LocalNodeState.Active, await node.StateAsync());
    }

    private static async Task RefusesAsync(NodeDaemon node, StatusCode code, string sentence, Func<Task> call, bool mayKeepKey = false)
    {
        await SaysAsync(code, sentence, call);
        Assert.Equal(LocalNodeState.Inactive, await node.StateAsync());

        // A key that managers may have seen is kept for the next try: the cluster gives the same node for it.
        Assert.Empty(node.Disk().Where(file => !mayKeepKey || Path.GetFileName(file.Path) is not ("pending-join" or "key-encryption-key")).Select(file => file.Path));
    }

    private static async Task SaysAsync(StatusCode code, string sentence, Func<Task> call)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((sentence, code), (sentence, refusal.StatusCode));
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task<byte[]> BackUpAsync(NodeDaemon node)
    {
        using MemoryStream backup = new();
        using AsyncServerStreamingCall<CreateBackupResponse> call = node.Control.CreateBackup(new CreateBackupRequest());
        while (await call.ResponseStream.MoveNext(CancellationToken.None)) call.ResponseStream.Current.Data.WriteTo(backup);
        return backup.ToArray();
    }

    private static async Task RestoreAsync(NodeDaemon node, byte[] backup)
    {
        using AsyncClientStreamingCall<RestoreRequest, InitResponse> call = node.Node.Restore();
        await call.RequestStream.WriteAsync(new RestoreRequest { AdvertiseAddress = node.Address, ListenAddress = node.Address, Data = ByteString.CopyFrom(backup) });
        await call.RequestStream.CompleteAsync();
        await call;
    }

    private static byte[] Flipped(byte[] backup, int at)
    {
        byte[] damaged = [.. backup];
        damaged[at] ^= 1;
        return damaged;
    }

    /// <summary>As a later version of Cluster would write it.</summary>
    private static byte[] Newer(byte[] backup)
    {
        using MemoryStream content = new(backup), newer = new();
        StoreSnapshot state = SnapshotReader.Read(content, CancellationToken.None);
        WorkingTransaction transaction = new(state, state.Time + TimeSpan.FromTicks(1));
        transaction.Put(state.Cluster! with { FeatureLevel = FeatureLevels.Supported + 1 });
        SnapshotWriter.Write(transaction.Seal(), newer, CancellationToken.None);
        return newer.ToArray();
    }
}
