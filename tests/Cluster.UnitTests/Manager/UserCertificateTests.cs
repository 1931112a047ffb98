using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;
using ControlClient = Cluster.Api.V1.Control.ControlClient;

namespace Cluster.UnitTests.Manager;

/// <summary>People's certificates, over real TLS: a reader looks, an operator changes, and neither is a node.</summary>
public sealed class UserCertificateTests
{
    [Fact]
    public async Task A_reader_looks_and_changes_nothing()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using RpcChannel channel = manager.Connect(await IssueAsync(manager, "rita", UserRole.Reader));
        ControlClient control = new(channel);

        Assert.Single((await control.ListNodesAsync(new ListNodesRequest())).Nodes);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.GetJoinTokensAsync(new GetJoinTokensRequest()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("rita may look", refusal.Status.Detail, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.CreateServiceAsync(Service("no")));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
    }

    [Fact]
    public async Task An_operator_changes_and_is_no_node()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        X509Certificate2 certificate = await IssueAsync(manager, "olga", UserRole.Operator);
        await using RpcChannel channel = manager.Connect(certificate);

        await new ControlClient(channel).CreateServiceAsync(Service("by-olga"));
        Assert.Equal(["by-olga"], await manager.ServiceNamesAsync());

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Managers.ManagersClient(channel).AnnounceAsync(new AnnounceRequest()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await new CertificateAuthority.CertificateAuthorityClient(channel)
            .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)) }));
        Assert.Equal(StatusCode.Unauthenticated, refusal.StatusCode);
        StreamAnswer answer = await manager.AskAsPeerAsync(certificate);
        Assert.False(answer.Accepted);
        Assert.StartsWith("user olga is a person", answer.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", UserRole.Reader, 0L, "name")]
    [InlineData("a b", UserRole.Reader, 0L, "name")]
    [InlineData("ann", UserRole.Unspecified, 0L, "role")]
    [InlineData("ann", UserRole.Reader, 1L, "lifetime")]
    public async Task Refuses_what_cannot_be_issued(string name, UserRole role, long lifetime, string field)
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => IssueAsync(manager, name, role, lifetime));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains(field, refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_an_operators_change_on_a_follower_too()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        X509Certificate2 certificate = await IssueAsync(second, "olga", UserRole.Operator);
        foreach (RunningManager manager in new[] { first, second })
        {
            await using RpcChannel channel = manager.Connect(certificate);
            await new ControlClient(channel).CreateServiceAsync(Service($"through-{manager.Node.Id}"));
        }

        Assert.Equal(2, (await first.ServiceNamesAsync()).Length);
    }

    private static CreateServiceRequest Service(string name) => new()
    {
        RequestId = Base36.Format((UInt128)(uint)name.GetHashCode(StringComparison.Ordinal) + 1),
        Spec = new ServiceSpec { Name = name, Container = new ContainerSpec { Image = "lab/web:1" }, Replicas = 0 },
    };

    private static Task<X509Certificate2> IssueAsync(RunningManager manager, string name, UserRole role, long lifetime = 0) => manager.IssueUserAsync(name, role, new TimeSpan(lifetime));
}
