using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Rpc.Client;

/// <summary>
/// Opens one connection. TLS is done here and not by the HTTP handler, because the handler keeps one set of TLS options for its life, while
/// certificate, intermediates and roots are to be asked for anew for each connection.
/// </summary>
internal sealed class Connector(RpcAddress address, RpcClientTls? tls)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Stream transport = await OpenAsync(cancellationToken);
        if (tls is null) return transport;
        var secured = new SslStream(transport, leaveInnerStreamOpen: false);
        try
        {
            await secured.AuthenticateAsClientAsync(CreateTlsOptions(tls), cancellationToken);
            if (secured.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
                throw new AuthenticationException($"The server at {address} does not offer HTTP/2: it is no gRPC server.");
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        Socket socket = address.UnixPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            EndPoint endPoint = address.UnixPath is null ? new DnsEndPoint(address.Host, address.Port) : new UnixDomainSocketEndPoint(address.UnixPath);
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslClientAuthenticationOptions CreateTlsOptions(RpcClientTls source) => new()
    {
        TargetHost = source.ServerName ?? address.Host,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateContext = source.Certificate?.Invoke(),
        CertificateChainPolicy = source.TrustedRoots is null ? null : CreateChainPolicy(source.TrustedRoots()),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = source.ValidateServer,
        // A resumed session would show the certificate of the connection before.
        AllowTlsResume = false,
    };

    private static X509ChainPolicy CreateChainPolicy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        policy.ApplicationPolicy.Add(ServerAuthentication);
        return policy;
    }
}
