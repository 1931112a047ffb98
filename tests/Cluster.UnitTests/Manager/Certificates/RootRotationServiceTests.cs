using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Model.Certificates;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;
using ControlClient = Cluster.Api.V1.Control.ControlClient;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>Exchanging the root of a cluster that runs, over real TLS: who is told, who gets by, and who is refused how.</summary>
public sealed class RootRotationServiceTests
{
    [Fact]
    public async Task A_connected_node_is_told_and_renews_and_keeps_its_session()
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        RotatedNode node = await cluster.JoinAsync();
        await using RpcChannel channel = node.Connect();
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = new Dispatcher.DispatcherClient(channel).Session();
        await session.RequestStream.WriteAsync(new AgentMessage { Hello = new Hello { Description = new NodeDescription() } });
        Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(node.Roots.Digest, session.ResponseStream.Current.Welcome.RootsDigest);

        ByteString newRoot = (await cluster.BeginAsync()).CertificateDer;
        ByteString told = await ToldAsync(session);
        Assert.NotEqual(node.Roots.Digest, told);
        DescribeAuthorityResponse authority = await cluster.Control.DescribeAuthorityAsync(new DescribeAuthorityRequest());
        Assert.Equal((2, 0, newRoot), (authority.Nodes, authority.Rotated, authority.NextRootCertificateDer));
        Assert.All(authority.Pending, pending => Assert.True(pending.Awaited));

        await node.RenewAsync();
        Assert.Equal(node.Roots.Digest, told);
        Assert.Equal(2, node.Roots.TrustedDer.Length);
        Assert.Equal(1, (await cluster.Control.DescribeAuthorityAsync(new DescribeAuthorityRequest())).Rotated);
        await cluster.Manager.RenewAsync();
        await cluster.FinishedAsync(newRoot);
        told = await ToldAsync(session);

        // The session that began with the old certificate goes on; the next renewal lets go of the old root.
        await session.RequestStream.WriteAsync(new AgentMessage { Heartbeat = new Heartbeat() });
        do Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        while (session.ResponseStream.Current.HeartbeatAck is null);
        await node.RenewAsync();
        Assert.Equal(node.Roots.Digest, told);
        Assert.Equal(newRoot, ByteString.CopyFrom(Assert.Single(node.Roots.TrustedDer).AsSpan()));
    }

    [Fact]
    public async Task A_node_that_slept_through_rotations_finds_its_way_back_by_renewing_and_may_do_nothing_else()
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        RotatedNode sleeper = await cluster.JoinAsync(isManager: true);
        for (int i = 0; i < 3; i++) await cluster.RotateAsync();

        await using (RpcChannel channel = sleeper.Connect())
        {
            // What it knows leads to what the manager shows; what it shows is not enough for anything.
            RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest()));
            Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
            Assert.Contains("renew", refusal.Status.Detail, StringComparison.Ordinal);
            refusal = await Assert.ThrowsAsync<RpcException>(async () => await new ControlClient(channel).ListNodesAsync(new ListNodesRequest()));
            Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
            using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = new Dispatcher.DispatcherClient(channel).Session();
            refusal = await Assert.ThrowsAsync<RpcException>(() => session.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
            refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Managers.ManagersClient(channel).AnnounceAsync(new AnnounceRequest { RaftMemberId = 5, Address = "a:1" }));
            Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        }

        await sleeper.RenewAsync();
        Assert.Single(sleeper.Roots.TrustedDer);
        await using RpcChannel renewed = sleeper.Connect();
        Assert.True((await new Health.HealthClient(renewed).CheckAsync(new HealthCheckRequest())).Serving);
    }

    [Fact]
    public async Task A_certificate_of_a_former_root_is_renewed_for_its_own_node_and_key_only()
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        RotatedNode node = await cluster.JoinAsync(), other = await cluster.JoinAsync();
        await cluster.RotateAsync();

        using ECDsa unknown = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (ECDsa key in new[] { other.Key, unknown })
        {
            RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => node.TakeAsync(key, token: ""));
            Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        }

        await cluster.Control.RemoveNodeAsync(new RemoveNodeRequest { RequestId = cluster.NextRequest(), NodeId = node.Id, Force = true });
        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(node.RenewAsync)).StatusCode);
        Assert.Equal(2, (await cluster.Control.ListNodesAsync(new ListNodesRequest())).Nodes.Count);
    }

    [Fact]
    public async Task A_persons_certificate_of_the_root_of_before_is_taken_back_also_where_it_is_in_use()
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        ClusterTrust trust = new(cluster.Manager.Trust.Roots, cluster.Manager.Cluster.Id, TimeProvider.System);
        await using RpcChannel channel = cluster.Manager.Connect(await cluster.UserAsync("olga"), trust);
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(channel).Watch(new WatchRequest { Kinds = { WatchKind.Service } });
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));

        ByteString newRoot = (await cluster.BeginAsync()).CertificateDer;
        await new ControlClient(channel).ListNodesAsync(new ListNodesRequest());
        await cluster.Manager.RenewAsync();
        await cluster.FinishedAsync(newRoot);

        RpcException cut = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None));
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new ControlClient(channel).ListNodesAsync(new ListNodesRequest()));
        Assert.Equal((StatusCode.Unauthenticated, StatusCode.Unauthenticated), (cut.StatusCode, refusal.StatusCode));
        Assert.Contains("cluster cert issue", refusal.Status.Detail, StringComparison.Ordinal);
        await using RpcChannel again = cluster.Manager.Connect(await cluster.UserAsync("olga"), trust);
        await new ControlClient(again).ListNodesAsync(new ListNodesRequest());
    }

    [Fact]
    public async Task Tokens_count_until_the_end_of_the_rotation_and_are_refused_after_it()
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        string before = (await cluster.Control.GetJoinTokensAsync(new GetJoinTokensRequest())).Worker;
        ByteString newRoot = (await cluster.BeginAsync()).CertificateDer;
        RotatedNode during = await cluster.JoinAsync(before);
        Assert.Equal(2, during.Roots.TrustedDer.Length);
        await cluster.Manager.RenewAsync();
        await cluster.FinishedAsync(newRoot);

        string after = (await cluster.Control.GetJoinTokensAsync(new GetJoinTokensRequest())).Worker;
        Assert.NotEqual(before[^25..], after[^25..]);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => cluster.JoinAsync(before));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("before the cluster's root certificate was exchanged", refusal.Status.Detail, StringComparison.Ordinal);
        await cluster.JoinAsync(after);
        Assert.Equal(3, (await cluster.Control.ListNodesAsync(new ListNodesRequest())).Nodes.Count);
    }

    [Fact]
    public async Task Goes_on_after_a_restart_and_gives_way_to_another_rotation()
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        RotatedNode node = await cluster.JoinAsync();
        ByteString first = (await cluster.BeginAsync()).CertificateDer;
        await node.RenewAsync();
        await cluster.RestartAsync();
        Assert.Equal(first, (await cluster.Control.DescribeAuthorityAsync(new DescribeAuthorityRequest())).NextRootCertificateDer);

        ByteString second = (await cluster.RotateAsync()).CertificateDer;
        Assert.NotEqual(first, second);

        // Its certificate is of a root that came to nothing, and what it believes leads to the one that did not.
        await node.RenewAsync();
        Assert.Equal(second, ByteString.CopyFrom(Assert.Single(node.Roots.TrustedDer).AsSpan()));
    }

    [Fact]
    public async Task A_root_of_ones_own_is_taken_with_its_key_or_not_at_all()
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => cluster.BeginAsync(request => request.CertificateDer = ByteString.CopyFrom(cluster.Manager.Root.RawData)));
        Assert.Contains("a new key", refusal.Status.Detail, StringComparison.Ordinal);
        using SigningServer authority = new();
        refusal = await Assert.ThrowsAsync<RpcException>(() => cluster.BeginAsync(request => request.CertificateDer = ByteString.CopyFrom(authority.RootDer)));
        Assert.Contains("no external authority signs", refusal.Status.Detail, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<RpcException>(() => cluster.BeginAsync(request => request.CertificateExpiryTicks = 1));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Empty((await cluster.Control.DescribeAuthorityAsync(new DescribeAuthorityRequest())).NextRootCertificateDer);

        ByteString root = (await cluster.BeginAsync(request => (request.CertificateDer, request.KeyPkcs8) = (ByteString.CopyFrom(authority.RootDer), ByteString.CopyFrom(authority.RootKey)))).CertificateDer;
        await cluster.Manager.RenewAsync();
        await cluster.FinishedAsync(root);
        Assert.Equal(ByteString.CopyFrom(authority.RootDer), root);
    }

    private static async Task<ByteString> ToldAsync(AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session)
    {
        do Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        while (session.ResponseStream.Current.RoleChange is null);
        return session.ResponseStream.Current.RoleChange.RootsDigest;
    }
}
