using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Tokens;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Who is let in, over real TLS: what does not belong is refused with a sentence, and leaves nothing behind.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public async Task Lets_a_node_in_by_token_and_gives_the_same_key_the_same_node()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();

        IssueNodeCertificateResponse first = await JoinAsync(manager, key, manager.WorkerToken.Reveal());
        IssueNodeCertificateResponse second = await JoinAsync(manager, key, manager.WorkerToken.Reveal());

        Assert.Equal(first.NodeId, second.NodeId);
        Assert.Equal(NodeRole.Worker, first.Role);
        Assert.Equal(2, (await NodesAsync(manager)).Count);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(first.CertificateChainDer[0].Span);
        CertificateIdentity? identity = CertificateIdentity.TryRead(certificate);
        Assert.Equal((first.NodeId, manager.Cluster.Id), (identity!.NodeId.ToString(), identity.ClusterId));
    }

    [Fact]
    public async Task Refuses_a_wrong_token_and_leaves_no_node()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();
        string wrong = JoinToken.Create(manager.Cluster.Root.CertificateDer.AsSpan(), 12345).Reveal();

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(manager, key, wrong));

        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("join token", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await NodesAsync(manager));
    }

    [Fact]
    public async Task Refuses_a_token_that_was_rotated_away()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();
        await using RpcChannel admin = manager.Connect(manager.ManagerCertificate);
        GetJoinTokensResponse rotated = await new global::Cluster.Api.V1.Control.ControlClient(admin)
            .RotateJoinTokenAsync(new RotateJoinTokenRequest { RequestId = Base36.Format(5), Role = NodeRole.Worker });

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(manager, key, manager.WorkerToken.Reveal()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("join-token", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await NodesAsync(manager));
        Assert.Equal(NodeRole.Worker, (await JoinAsync(manager, key, rotated.Worker)).Role);
    }

    [Fact]
    public async Task Refuses_the_token_of_another_cluster()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using RunningManager other = await RunningManager.StartAsync();
        using ECDsa key = NewKey();

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(manager, key, other.WorkerToken.Reveal()));

        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("another cluster", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await NodesAsync(manager));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public async Task Refuses_what_is_no_token_or_none_from_a_stranger(string token)
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(manager, key, token));

        Assert.Equal(token.Length == 0 ? StatusCode.Unauthenticated : StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Single(await NodesAsync(manager));
    }

    [Fact]
    public async Task Refuses_a_request_that_its_key_did_not_sign()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();
        byte[] csr = RunningManager.Csr(key);
        csr[^5] ^= 1;
        await using RpcChannel channel = manager.Connect(null);

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new CertificateAuthority.CertificateAuthorityClient(channel)
            .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(csr), Token = manager.WorkerToken.Reveal() }));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Single(await NodesAsync(manager));
    }

    [Fact]
    public async Task Refuses_a_foreign_certificate_on_every_call_that_needs_one()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using RunningManager other = await RunningManager.StartAsync();
        await using RpcChannel channel = manager.Connect(other.ManagerCertificate);

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Cluster.Api.V1.Control.ControlClient(channel).ListNodesAsync(new ListNodesRequest()));

        Assert.Equal(StatusCode.Unauthenticated, refusal.StatusCode);
        Assert.Contains("not issued by this cluster's root", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_caller_without_a_certificate()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using RpcChannel channel = manager.Connect(null);

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Cluster.Api.V1.Control.ControlClient(channel).GetJoinTokensAsync(new GetJoinTokensRequest()));

        Assert.Equal(StatusCode.Unauthenticated, refusal.StatusCode);
    }

    [Fact]
    public async Task Refuses_a_workers_certificate_on_control_calls()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();
        await using RpcChannel channel = manager.Connect(await WorkerAsync(manager, key));

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Cluster.Api.V1.Control.ControlClient(channel).GetJoinTokensAsync(new GetJoinTokensRequest()));

        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("is a worker", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ignores_a_workers_report_for_another_nodes_task_and_renews_only_its_own_certificate()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();
        using ECDsa other = NewKey();
        X509Certificate2 worker = await WorkerAsync(manager, key);
        await WorkerAsync(manager, other);
        await using RpcChannel channel = manager.Connect(worker);

        // The other node's key in the request: the cluster must not give its identity to this caller, nor this caller's to that key.
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new CertificateAuthority.CertificateAuthorityClient(channel)
            .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(other)) }));

        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("another node", refusal.Status.Detail, StringComparison.Ordinal);
        IssueNodeCertificateResponse renewed = await new CertificateAuthority.CertificateAuthorityClient(channel)
            .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)) });
        Assert.Equal(CertificateIdentity.TryRead(worker)!.NodeId.ToString(), renewed.NodeId);
    }

    [Fact]
    public async Task Refuses_a_removed_node_at_once_on_an_open_connection()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();
        X509Certificate2 worker = await WorkerAsync(manager, key);
        await using RpcChannel channel = manager.Connect(worker);
        Health.HealthClient health = new(channel);
        Assert.True((await health.CheckAsync(new HealthCheckRequest())).Serving);

        await using RpcChannel admin = manager.Connect(manager.ManagerCertificate);
        await new Cluster.Api.V1.Control.ControlClient(admin).RemoveNodeAsync(new RemoveNodeRequest
        {
            RequestId = Base36.Format(77),
            NodeId = CertificateIdentity.TryRead(worker)!.NodeId.ToString(),
            Force = true,
        });

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(new HealthCheckRequest()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("not (any more) part of this cluster", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_what_was_acknowledged_over_a_restart()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = NewKey();
        X509Certificate2 worker = await WorkerAsync(manager, key);

        await manager.RestartAsync();

        Assert.Contains(await NodesAsync(manager), node => node.Id == CertificateIdentity.TryRead(worker)!.NodeId.ToString());
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static async Task<X509Certificate2> WorkerAsync(RunningManager manager, ECDsa key) =>
        RunningManager.CertificateOf((await JoinAsync(manager, key, manager.WorkerToken.Reveal())).CertificateChainDer[0].Span, key);

    private static async Task<IssueNodeCertificateResponse> JoinAsync(RunningManager manager, ECDsa key, string token)
    {
        await using RpcChannel channel = manager.Connect(null);
        return await new CertificateAuthority.CertificateAuthorityClient(channel)
            .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)), Token = token });
    }

    private static async Task<IReadOnlyList<Cluster.Api.V1.Node>> NodesAsync(RunningManager manager)
    {
        await using RpcChannel channel = manager.Connect(manager.ManagerCertificate);
        return (await new Cluster.Api.V1.Control.ControlClient(channel).ListNodesAsync(new ListNodesRequest())).Nodes;
    }
}
