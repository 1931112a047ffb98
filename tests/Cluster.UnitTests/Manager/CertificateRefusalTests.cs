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

/// <summary>Certificates that count for nothing, or not any more, over real TLS: each call says why, and nothing is left behind.</summary>
public sealed class CertificateRefusalTests
{
    private const StatusCode Unproved = StatusCode.Unauthenticated;
    private const StatusCode Denied = StatusCode.PermissionDenied;

    [Theory]
    [InlineData("ended", Unproved, "the certificate is valid from")]
    [InlineData("not begun", Unproved, "the certificate is valid from")]
    [InlineData("another key", Denied, "has another key now")]
    [InlineData("worker", Denied, "is a worker")]
    [InlineData("no such node", Denied, "not (any more) part of this cluster")]
    [InlineData("another cluster", Unproved, "the certificate is of cluster")]
    [InlineData("nobody's name", Unproved, "names no node")]
    [InlineData("self-made", Unproved, "was not issued by this cluster's root")]
    [InlineData("self-made root", Unproved, "was not issued by this cluster's root")]
    [InlineData("root", Unproved, "was not issued by this cluster's root")]
    [InlineData("person ended", Unproved, "the certificate is valid from")]
    [InlineData("person not begun", Unproved, "the certificate is valid from")]
    [InlineData("person of another cluster", Unproved, "names no node")]
    [InlineData("person self-made", Unproved, "was not issued by this cluster's root")]
    public async Task Refuses_a_certificate_that_is_right_but_for_one_thing(string flaw, StatusCode code, string reason)
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using CertificateForge forge = new(manager);
        X509Certificate2 certificate = forge.Make(flaw);
        await using RpcChannel channel = manager.Connect(certificate);

        await RefusesAsync(code, reason, async () => await new ControlClient(channel).CreateServiceAsync(Service("no")));
        await RefusesAsync(code, reason, async () => await new ControlClient(channel).GetJoinTokensAsync(new GetJoinTokensRequest()));
        await RefusesAsync(code, reason, async () => await new Managers.ManagersClient(channel).AnnounceAsync(new AnnounceRequest { RaftMemberId = 5, Address = "127.0.0.1:9" }));

        // A renewal takes no other proof either: its key is not known, or the certificate proves nothing.
        if (code == Unproved) await RefusesAsync(Unproved, "only a node of this cluster gets a certificate", () => RenewAsync(channel, certificate));
        Assert.Empty(await manager.ServiceNamesAsync());
        global::Cluster.Api.V1.Node node = Assert.Single(await manager.NodesAsync());
        Assert.Equal((manager.Node.Id.ToString(), manager.RaftMemberId), (node.Id, node.Manager.RaftMemberId));

        StreamAnswer answer = await manager.AskAsPeerAsync(certificate);
        Assert.False(answer.Accepted);
        Assert.NotEmpty(answer.Refusal);
    }

    [Fact]
    public async Task Refuses_a_persons_certificate_that_ends_while_it_is_in_use()
    {
        SetClock clock = new();
        await using RunningManager manager = await RunningManager.StartAsync(clock);
        await using RpcChannel channel = manager.Connect(await manager.IssueUserAsync("olga", UserRole.Operator, TimeSpan.FromHours(1)));
        ControlClient control = new(channel);
        await control.CreateServiceAsync(Service("in-time"));
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(channel).Watch(new WatchRequest { Kinds = { WatchKind.Service } });
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));

        clock.Ahead = TimeSpan.FromHours(2);
        await RefusesAsync(Unproved, "and counts no longer for user olga: get a new one", async () => await control.CreateServiceAsync(Service("too-late")));
        await RefusesAsync(Unproved, "the certificate is valid from", async () => await control.ListNodesAsync(new ListNodesRequest()));
        Assert.Equal(["in-time"], await manager.ServiceNamesAsync());

        // What goes on is judged again now and then, and at once when anybody's standing changes.
        await ChangeStandingAsync(manager);
        await RefusesAsync(Unproved, "the certificate is valid from", () => watch.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task A_connection_outlives_a_nodes_certificate_only_when_the_node_has_renewed_it()
    {
        SetClock clock = new();
        await using RunningManager manager = await RunningManager.StartAsync(clock);
        using ECDsa renewing = ECDsa.Create(ECCurve.NamedCurves.nistP256), sleeping = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using RpcChannel first = manager.Connect(await manager.JoinWorkerAsync(renewing));
        X509Certificate2 asleep = await manager.JoinWorkerAsync(sleeping);
        await using RpcChannel second = manager.Connect(asleep);
        Assert.True((await new Health.HealthClient(first).CheckAsync(new HealthCheckRequest())).Serving);
        Assert.True((await new Health.HealthClient(second).CheckAsync(new HealthCheckRequest())).Serving);

        clock.Ahead = TimeSpan.FromDays(60);
        await new CertificateAuthority.CertificateAuthorityClient(first).IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(renewing)) });
        clock.Ahead = TimeSpan.FromDays(100);
        Assert.True((await new Health.HealthClient(first).CheckAsync(new HealthCheckRequest())).Serving);
        await RefusesAsync(Unproved, "has not renewed it in time", async () => await new Health.HealthClient(second).CheckAsync(new HealthCheckRequest()));
        await RefusesAsync(Unproved, "only a node of this cluster gets a certificate", () => RenewAsync(second, asleep));
    }

    [Fact]
    public async Task Refuses_a_removed_node_its_renewal()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 certificate = await manager.JoinWorkerAsync(key);
        await using RpcChannel channel = manager.Connect(certificate);
        await RenewAsync(channel, certificate);
        await RemoveAsync(manager, CertificateIdentity.TryRead(certificate)!.NodeId);

        await RefusesAsync(Unproved, "only a node of this cluster gets a certificate", () => RenewAsync(channel, certificate));
        Assert.Single(await manager.NodesAsync());
    }

    private static async Task RenewAsync(RpcChannel channel, X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        await new CertificateAuthority.CertificateAuthorityClient(channel).IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)) });
    }

    /// <summary>Somebody comes and goes.</summary>
    private static async Task ChangeStandingAsync(RunningManager manager)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RemoveAsync(manager, CertificateIdentity.TryRead(await manager.JoinWorkerAsync(key))!.NodeId);
    }

    private static async Task RemoveAsync(RunningManager manager, NodeId node)
    {
        await using RpcChannel admin = manager.Connect(manager.ManagerCertificate);
        await new ControlClient(admin).RemoveNodeAsync(new RemoveNodeRequest { RequestId = Base36.Format(99), NodeId = node.ToString(), Force = true });
    }

    private static CreateServiceRequest Service(string name) => new()
    {
        RequestId = Base36.Format((UInt128)name.Length),
        Spec = new ServiceSpec { Name = name, Container = new ContainerSpec { Image = "lab/web:1" }, Replicas = 0 },
    };

    private static async Task RefusesAsync(StatusCode code, string sentence, Func<Task> call)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(code, refusal.StatusCode);
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
    }
}
