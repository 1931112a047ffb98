using System.Net;
using Cluster.Rpc;
using Cluster.Rpc.Server;
using Cluster.UnitTests.Rpc.V1;

namespace Cluster.UnitTests.Rpc;

/// <summary>A server of <see cref="EchoService"/> on all three transports, and channels to it.</summary>
internal sealed class RpcTestServer : IAsyncDisposable
{
    /// <summary>How long a test waits for what must happen before it fails instead of hanging.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rpc-test-");
    private readonly List<RpcChannel> _channels = [];

    private RpcTestServer(Func<RpcServerOptions, RpcServerOptions>? change, Func<RpcServerTls, RpcServerTls>? changeTls)
    {
        ServerCertificate = Authority.IssueServer("server 1");
        ClientCertificate = Authority.IssueClient("client 1");
        var tls = new RpcServerTls
        {
            Certificate = () => Authority.Context(ServerCertificate),
            TrustedRoots = () => ClientRoots ?? Authority.Roots,
        };
        var options = new RpcServerOptions
        {
            Endpoints =
            [
                RpcEndpoint.PlainTcp(new IPEndPoint(IPAddress.Loopback, 0)),
                RpcEndpoint.Tcp(new IPEndPoint(IPAddress.Loopback, 0), changeTls?.Invoke(tls) ?? tls),
                RpcEndpoint.Unix(SocketPath),
            ],
            Services = [Echo.BindService(Service)],
            OnUnhandled = (method, exception) => Unhandled.Add((method, exception)),
        };
        Server = new RpcServer(change?.Invoke(options) ?? options);
    }

    public TestAuthority Authority { get; } = new();

    public System.Security.Cryptography.X509Certificates.X509Certificate2 ServerCertificate { get; set; }

    public System.Security.Cryptography.X509Certificates.X509Certificate2 ClientCertificate { get; set; }

    public System.Security.Cryptography.X509Certificates.X509Certificate2Collection? ClientRoots { get; set; }

    public EchoService Service { get; } = new();

    public System.Collections.Concurrent.ConcurrentBag<(string Method, Exception Exception)> Unhandled { get; } = [];

    public RpcServer Server { get; }

    public string SocketPath => Path.Combine(_directory.FullName, "rpc.sock");

    public int PlainPort => Server.Addresses[0].Port;

    public int TlsPort => Server.Addresses[1].Port;

    public static async Task<RpcTestServer> StartAsync(
        Func<RpcServerOptions, RpcServerOptions>? change = null, Func<RpcServerTls, RpcServerTls>? changeTls = null)
    {
        var server = new RpcTestServer(change, changeTls);
        await server.Server.StartAsync(CancellationToken.None);
        return server;
    }

    /// <summary>A client on a channel of its own, which lives as long as this server.</summary>
    public Echo.EchoClient Connect(Transport transport, Func<RpcChannelOptions, RpcChannelOptions>? change = null) => new(Open(transport, change));

    public RpcChannel Open(Transport transport, Func<RpcChannelOptions, RpcChannelOptions>? change = null)
    {
        var options = new RpcChannelOptions
        {
            Address = transport switch
            {
                Transport.PlainTcp => RpcAddress.Tcp("127.0.0.1", PlainPort),
                Transport.MutualTls => RpcAddress.Tcp("localhost", TlsPort),
                _ => RpcAddress.Unix(SocketPath),
            },
            Tls = transport == Transport.MutualTls ? ClientTls() : null,
        };
        var channel = new RpcChannel(change?.Invoke(options) ?? options);
        _channels.Add(channel);
        return channel;
    }

    public RpcClientTls ClientTls() => new()
    {
        Certificate = () => Authority.Context(ClientCertificate),
        TrustedRoots = () => Authority.Roots,
    };

    public async ValueTask DisposeAsync()
    {
        Service.Hold.Release(1000);
        foreach (RpcChannel channel in _channels) channel.Dispose();
        await Server.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
