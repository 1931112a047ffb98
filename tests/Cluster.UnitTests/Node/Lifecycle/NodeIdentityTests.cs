using System.Collections.Immutable;
using Cluster.Api.V1;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Tokens;
using Cluster.Node;
using Cluster.Node.Joining;
using Cluster.Node.Keys;
using Cluster.Node.Lifecycle;
using Cluster.Node.Roles;
using Cluster.Rpc;
using Cluster.UnitTests.Manager;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using ControlClient = Cluster.Api.V1.Control.ControlClient;
using ModelRole = Cluster.Model.States.NodeRole;
using NodeRole = Cluster.Api.V1.NodeRole;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>How a node follows what its cluster says it is, against a real manager.</summary>
public sealed class NodeIdentityTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _directory = Directory.CreateTempSubdirectory("cluster-node-").FullName;
    private RunningManager _cluster = null!;
    private RpcChannel _admin = null!;
    private RecordedRoles _roles = null!;
    private readonly RenewalLog _log = new();
    private NodeLifecycle _lifecycle = null!;
    private UInt128 _requests;

    public async Task InitializeAsync()
    {
        _cluster = await RunningManager.StartAsync();
        _admin = _cluster.Connect(_cluster.ManagerCertificate);
        _roles = new RecordedRoles(_cluster);
        _lifecycle = new NodeLifecycle(Options, _roles, new Random(1), TimeProvider.System, _log);
    }

    public async Task DisposeAsync()
    {
        await _lifecycle.DisposeAsync();
        await _admin.DisposeAsync();
        await _cluster.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_manager_that_was_demoted_and_promoted_before_it_noticed_begins_anew_as_another_member()
    {
        await JoinAsync(_cluster.WorkerToken);
        await SetRoleAsync(NodeRole.Manager);
        _roles.Agent.IdentityWanted(ModelRole.Manager, []);
        ManagerRoleSettings first = await NextManagerAsync();
        await _log.RenewedAsync();
        Assert.Equal(first.RaftMemberId, Keys().Manager?.RaftMemberId);

        // Taken for the member that it is, it goes on.
        ImmutableArray<byte> before = Keys().CertificateChainDer[0];
        _roles.Agent.RenewalWanted();
        await _log.RenewedAsync();
        Assert.NotEqual(before.ToArray(), Keys().CertificateChainDer[0].ToArray());
        Assert.False(_roles.Managers.TryRead(out _));

        // Only who was in the group can be removed from it.
        await UntilAsync(async () => (await new Managers.ManagersClient(_admin).DescribeManagerAsync(new DescribeManagerRequest())).Members.Any(member => member.Id == first.RaftMemberId));
        await SetRoleAsync(NodeRole.Worker);
        await UntilAsync(async () => (await NodeAsync()).Manager is null);
        await SetRoleAsync(NodeRole.Manager);
        RpcException late = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await using RpcChannel channel = _cluster.Connect(first.ServerCertificate(), first.Trust);
            await new Managers.ManagersClient(channel).AnnounceAsync(new AnnounceRequest { RaftMemberId = first.RaftMemberId, Address = "127.0.0.1:9" });
        });
        Assert.Equal(StatusCode.FailedPrecondition, late.StatusCode);
        Assert.Contains("removed from the managers' group", late.Status.Detail, StringComparison.Ordinal);

        _roles.Agent.RenewalWanted();
        ManagerRoleSettings second = await NextManagerAsync();
        Assert.NotEqual(first.RaftMemberId, second.RaftMemberId);
        await _log.RenewedAsync();
        Assert.Equal(second.RaftMemberId, Keys().Manager?.RaftMemberId);
        Assert.Equal(second.RaftMemberId, (await NodeAsync()).Manager.RaftMemberId);
    }

    [Fact]
    public async Task A_node_that_hears_of_other_roots_stores_them_and_renews_once()
    {
        await JoinAsync(_cluster.WorkerToken);
        ControlClient control = new(_admin);
        ByteString root = (await control.RotateRootAsync(new RotateRootRequest { RequestId = NextRequest() })).CertificateDer;
        ImmutableArray<byte> both = TrustedRoots.DigestOf([.. Keys().RootsDer, [.. root.Span]]);

        _roles.Agent.IdentityWanted(ModelRole.Worker, both);
        await _log.RenewedAsync();
        Assert.Equal(2, Keys().CertificateChainDer.Length);
        Assert.Equal(both.AsSpan(), TrustedRoots.DigestOf(Keys().RootsDer).AsSpan());

        // The manager of the rotation goes last, and at its end the old root is let go of.
        await _cluster.RenewAsync();
        await UntilAsync(async () => (await control.DescribeAuthorityAsync(new DescribeAuthorityRequest())).RootCertificateDer.Equals(root));
        _roles.Agent.IdentityWanted(ModelRole.Worker, TrustedRoots.DigestOf([[.. root.Span]]));
        await _log.RenewedAsync();
        Assert.Equal(root, ByteString.CopyFrom(Assert.Single(Keys().RootsDer).AsSpan()));
    }

    private NodeOptions Options => new() { StateDirectory = _directory, RunDirectory = _directory, Version = "1", ContainerNamespace = "test" };

    private NodeKeys Keys() => new KeyStore(Options.KeysDirectory).Load();

    private async Task JoinAsync(JoinToken token)
    {
        JoinSettings settings = new(token, [_cluster.Address.ToString()], "127.0.0.1:9", "127.0.0.1:9", new JoinDetails(NodeAvailability.Active, new NodeDescription()));
        Assert.Null((await _lifecycle.JoinAsync(settings, CancellationToken.None)).Refusal);
    }

    private async Task<Cluster.Api.V1.Node> NodeAsync() =>
        (await new ControlClient(_admin).GetNodeAsync(new GetNodeRequest { Node = _lifecycle.Status.NodeId.ToString() })).Node;

    private async Task SetRoleAsync(NodeRole role)
    {
        Cluster.Api.V1.Node node = await NodeAsync();
        node.Spec.Role = role;
        await new ControlClient(_admin).UpdateNodeAsync(new UpdateNodeRequest { RequestId = NextRequest(), NodeId = node.Id, Version = node.Meta.Version, Spec = node.Spec });
    }

    private async Task<ManagerRoleSettings> NextManagerAsync()
    {
        using CancellationTokenSource patience = new(Patience, TimeProvider.System);
        return await _roles.Managers.ReadAsync(patience.Token);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(Patience, TimeProvider.System);
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private string NextRequest() => Base36.Format(++_requests);
}
