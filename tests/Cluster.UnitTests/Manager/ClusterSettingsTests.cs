using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Model.Tokens;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;
using ControlClient = Cluster.Api.V1.Control.ControlClient;

namespace Cluster.UnitTests.Manager;

/// <summary>Changing the cluster's settings while it runs, over real TLS.</summary>
public sealed class ClusterSettingsTests
{
    [Fact]
    public async Task Gives_the_next_certificate_the_changed_expiry()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.InRange(LifetimeOf(await JoinAsync(first, key)).TotalDays, 89.9, 90.1);

        // A follower hands it on.
        await ChangeAsync(second, 1, spec => spec.CertificateExpiryTicks = TimeSpan.FromHours(48).Ticks);
        Assert.InRange(LifetimeOf(await JoinAsync(first, key)).TotalHours, 47, 50);
    }

    [Fact]
    public async Task Tells_open_sessions_of_a_changed_heartbeat_period()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 worker = RunningManager.CertificateOf((await JoinAsync(manager, key)).CertificateChainDer[0].Span, key);
        await using RpcChannel channel = manager.Connect(worker);
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = new Dispatcher.DispatcherClient(channel).Session();
        await session.RequestStream.WriteAsync(new AgentMessage { Hello = new Hello { Description = new NodeDescription() } });
        Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        Assert.InRange(new TimeSpan(session.ResponseStream.Current.Welcome.HeartbeatPeriodTicks).TotalSeconds, 4.4, 5.6);

        await ChangeAsync(manager, 1, spec => spec.HeartbeatPeriodTicks = TimeSpan.FromSeconds(30).Ticks);
        do Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        while (session.ResponseStream.Current.HeartbeatAck is null);
        Assert.InRange(new TimeSpan(session.ResponseStream.Current.HeartbeatAck.HeartbeatPeriodTicks).TotalSeconds, 26.9, 33.1);
    }

    [Fact]
    public async Task Refuses_what_makes_no_sense_and_what_others_have_changed_meanwhile()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using RpcChannel channel = manager.Connect(manager.ManagerCertificate);
        ControlClient control = new(channel);
        ClusterInfo cluster = (await control.GetClusterAsync(new GetClusterRequest())).Cluster;

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => ChangeAsync(manager, 1, spec => spec.CertificateExpiryTicks = TimeSpan.FromMinutes(1).Ticks));
        Assert.Equal((StatusCode.InvalidArgument, true), (refusal.StatusCode, refusal.Status.Detail.Contains("certificate expiry", StringComparison.Ordinal)));
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.UpdateClusterAsync(new UpdateClusterRequest { RequestId = Base36.Format(2), Version = cluster.Meta.Version }));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);

        await ChangeAsync(manager, 3, spec => spec.TaskHistoryLimit = 1);
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.UpdateClusterAsync(
            new UpdateClusterRequest { RequestId = Base36.Format(4), Version = cluster.Meta.Version, Spec = cluster.Spec }));
        Assert.Equal((StatusCode.Aborted, true), (refusal.StatusCode, refusal.Status.Detail.Contains("out of sequence", StringComparison.Ordinal)));
        Assert.Equal(1, (await control.GetClusterAsync(new GetClusterRequest())).Cluster.Spec.TaskHistoryLimit);
    }

    [Theory]
    [InlineData(UserRole.Reader)]
    [InlineData(UserRole.Unspecified)]
    public async Task Gives_the_unlock_key_to_nobody_who_only_looks_and_to_no_worker(UserRole role)
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await ChangeAsync(manager, 1, spec => spec.Autolock = true);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] certificate = role == UserRole.Unspecified ? (await JoinAsync(manager, key)).CertificateChainDer[0].ToByteArray() : await PersonAsync(manager, key, role);
        await using RpcChannel channel = manager.Connect(RunningManager.CertificateOf(certificate, key));
        ControlClient control = new(channel);

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.GetUnlockKeyAsync(new GetUnlockKeyRequest()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.RotateUnlockKeyAsync(new RotateUnlockKeyRequest { RequestId = Base36.Format(7) }));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.UpdateClusterAsync(new UpdateClusterRequest { RequestId = Base36.Format(8), Version = 1, Spec = new ClusterSpec() }));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
    }

    [Fact]
    public async Task Gives_the_unlock_key_to_an_operator_who_rotates_it_and_keeps_it_out_of_other_answers()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using RpcChannel channel = manager.Connect(RunningManager.CertificateOf(await PersonAsync(manager, key, UserRole.Operator), key));
        ControlClient control = new(channel);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(async () => await control.RotateUnlockKeyAsync(new RotateUnlockKeyRequest { RequestId = Base36.Format(7) }));
        Assert.Equal((StatusCode.FailedPrecondition, true), (refusal.StatusCode, refusal.Status.Detail.Contains("autolock is off", StringComparison.Ordinal)));

        await ChangeAsync(manager, 1, spec => spec.Autolock = true);
        string first = (await control.GetUnlockKeyAsync(new GetUnlockKeyRequest())).UnlockKey;
        string second = (await control.RotateUnlockKeyAsync(new RotateUnlockKeyRequest { RequestId = Base36.Format(9) })).UnlockKey;
        Assert.True(UnlockKeyText.TryParse(first, out _));
        Assert.NotEqual(first, second);

        // A retry is told what holds now, and rotates nothing.
        Assert.Equal(second, (await control.RotateUnlockKeyAsync(new RotateUnlockKeyRequest { RequestId = Base36.Format(9) })).UnlockKey);
        Assert.Equal(second, (await control.GetUnlockKeyAsync(new GetUnlockKeyRequest())).UnlockKey);
        Assert.True(UnlockKeyText.TryParse(second, out byte[]? bytes));
        Assert.Equal(-1, (await control.GetClusterAsync(new GetClusterRequest())).ToByteArray().AsSpan().IndexOf(bytes));
    }

    private static async Task<byte[]> PersonAsync(RunningManager manager, ECDsa key, UserRole role)
    {
        await using RpcChannel channel = manager.Connect(manager.ManagerCertificate);
        return (await new ControlClient(channel).IssueUserCertificateAsync(
            new IssueUserCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)), Name = "ann", Role = role })).CertificateDer.ToByteArray();
    }

    private static async Task ChangeAsync(RunningManager manager, int request, Action<ClusterSpec> change)
    {
        await using RpcChannel channel = manager.Connect(manager.ManagerCertificate);
        ControlClient control = new(channel);
        ClusterInfo cluster = (await control.GetClusterAsync(new GetClusterRequest())).Cluster;
        change(cluster.Spec);
        await control.UpdateClusterAsync(new UpdateClusterRequest { RequestId = Base36.Format((UInt128)request), Version = cluster.Meta.Version, Spec = cluster.Spec });
    }

    private static async Task<IssueNodeCertificateResponse> JoinAsync(RunningManager manager, ECDsa key)
    {
        await using RpcChannel channel = manager.Connect(null);
        return await new CertificateAuthority.CertificateAuthorityClient(channel)
            .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)), Token = manager.WorkerToken.Reveal() });
    }

    private static TimeSpan LifetimeOf(IssueNodeCertificateResponse issued)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(issued.CertificateChainDer[0].Span);
        return certificate.NotAfter - certificate.NotBefore;
    }
}
