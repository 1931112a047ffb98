using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Rpc;
using Cluster.Rpc.Server;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Node.Joining;

/// <summary>Answers on loopback with a root certificate that others made and a server certificate of its own, and counts who asks it for one.</summary>
internal sealed class ImpostorManager : CertificateAuthority.CertificateAuthorityBase, IAsyncDisposable
{
    private readonly byte[] _rootDer;
    private readonly RpcServer _server;

    private ImpostorManager(byte[] rootDer)
    {
        _rootDer = rootDer;
        SslStreamCertificateContext certificate = SslStreamCertificateContext.Create(SelfSigned(), null, offline: true);
        _server = new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.Tcp(new IPEndPoint(IPAddress.Loopback, 0), new RpcServerTls { Certificate = () => certificate, ClientCertificate = RpcClientCertificateMode.None })],
            Services = [CertificateAuthority.BindService(this)],
        });
    }

    /// <summary>Requests with a token that it got to see.</summary>
    public int TokensSeen { get; private set; }

    public string Address => RpcAddress.Tcp("127.0.0.1", _server.Port).ToString();

    public static async Task<ImpostorManager> StartAsync(byte[] rootDer)
    {
        var manager = new ImpostorManager(rootDer);
        await manager._server.StartAsync(CancellationToken.None);
        return manager;
    }

    public override Task<GetRootCertificateResponse> GetRootCertificate(GetRootCertificateRequest request, ServerCallContext context) =>
        Task.FromResult(new GetRootCertificateResponse { CertificateDer = ByteString.CopyFrom(_rootDer) });

    public override Task<IssueNodeCertificateResponse> IssueNodeCertificate(IssueNodeCertificateRequest request, ServerCallContext context)
    {
        TokensSeen++;
        throw new RpcException(new Status(StatusCode.PermissionDenied, "seen enough"));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=impostor", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
