using System.Collections.Immutable;
using System.Net.Security;
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
using ControlClient = Cluster.Api.V1.Control.ControlClient;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>A manager whose cluster exchanges its root, with what a test does to it, over real TLS.</summary>
internal sealed class RotatedCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private RpcChannel _admin;
    private UInt128 _requests = 1000;

    private RotatedCluster(RunningManager manager) => (Manager, _admin) = (manager, manager.Connect(manager.ManagerCertificate));

    public RunningManager Manager { get; }

    public ControlClient Control => new(_admin);

    public static async Task<RotatedCluster> StartAsync() => new(await RunningManager.StartAsync());

    public Task<RotateRootResponse> BeginAsync(Action<RotateRootRequest>? change = null)
    {
        RotateRootRequest request = new() { RequestId = NextRequest() };
        change?.Invoke(request);
        return Control.RotateRootAsync(request).ResponseAsync;
    }

    /// <summary>Begins a rotation, lets the manager renew, and waits until that was all.</summary>
    public async Task<RotateRootResponse> RotateAsync()
    {
        RotateRootResponse begun = await BeginAsync();
        await Manager.RenewAsync();
        await FinishedAsync(begun.CertificateDer);
        return begun;
    }

    public async Task RestartAsync()
    {
        await _admin.DisposeAsync();
        await Manager.RestartAsync();
        _admin = Manager.Connect(Manager.ManagerCertificate);
    }

    public async Task FinishedAsync(ByteString root)
    {
        using CancellationTokenSource patience = new(Patience, TimeProvider.System);
        while (!(await Control.DescribeAuthorityAsync(new DescribeAuthorityRequest(), cancellationToken: patience.Token)).RootCertificateDer.Equals(root))
        {
        }
    }

    public async Task<RotatedNode> JoinAsync(bool isManager = false)
    {
        GetJoinTokensResponse tokens = await Control.GetJoinTokensAsync(new GetJoinTokensRequest());
        return await JoinAsync(isManager ? tokens.Manager : tokens.Worker);
    }

    public async Task<RotatedNode> JoinAsync(string token)
    {
        Assert.True(JoinToken.TryParse(token, out _));
        RotatedNode node = new(this, ECDsa.Create(ECCurve.NamedCurves.nistP256), new TrustedRoots(await RootAsync()));
        await node.TakeAsync(null, token);
        return node;
    }

    public async Task<SslStreamCertificateContext> UserAsync(string name)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        IssueUserCertificateResponse issued = await Control.IssueUserCertificateAsync(
            new IssueUserCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)), Name = name, Role = global::Cluster.Api.V1.UserRole.Operator });
        return SslStreamCertificateContext.Create(RunningManager.CertificateOf(issued.CertificateDer.Span, key), null, offline: true);
    }

    public string NextRequest() => Base36.Format(++_requests);

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await Manager.DisposeAsync();
    }

    private async Task<X509Certificate2> RootAsync()
    {
        await using RpcChannel stranger = Manager.Connect(null);
        return X509CertificateLoader.LoadCertificate((await new CertificateAuthority.CertificateAuthorityClient(stranger).GetRootCertificateAsync(new GetRootCertificateRequest())).CertificateDer.Span);
    }
}
