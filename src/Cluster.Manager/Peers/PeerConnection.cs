using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Certificates;
using Cluster.Raft;
using Cluster.Rpc;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>The sending end of a stream to a member: mutual TLS, where the other end has to be a manager of this cluster. One writer at a time.</summary>
internal sealed class PeerConnection : IAsyncDisposable
{
    // A TLS handshake on a busy machine takes hundreds of milliseconds.
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(5);

    /// <summary>What was sent and is not acknowledged by the other machine for so long breaks the connection; so does silence, which is asked about.</summary>
    private const int SilenceMilliseconds = 4_000;

    private const int KeepAliveSeconds = 1;
    private const int KeepAliveRetries = 3;
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;

    private readonly SslStream _stream;

    private PeerConnection(SslStream stream) => _stream = stream;

    /// <summary>Connects, says who calls whom and waits until that was accepted.</summary>
    /// <exception cref="IOException">There is no way, or it was refused; the message says why.</exception>
    public static async Task<PeerConnection> OpenAsync(PeerOptions options, MemberId member, string address, CancellationToken ct)
    {
        using CancellationTokenSource timeout = new(OpenTimeout, options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        SslStream? stream = null;
        try
        {
            stream = new SslStream(new NetworkStream(await ConnectAsync(RpcAddress.Parse(address), either.Token), ownsSocket: true));
            await stream.AuthenticateAsClientAsync(TlsOptionsOf(options), either.Token);
            if (stream.NegotiatedApplicationProtocol != new SslApplicationProtocol(PeerStreams.Protocol)) throw new IOException($"it does not speak {PeerStreams.Protocol}");
            await PeerStreams.WriteFrameAsync(stream, PeerHeaders.Of(options, member), either.Token);
            StreamAnswer? answer = await PeerStreams.ReadFrameAsync(stream, StreamAnswer.Parser, either.Token);
            if (answer?.Accepted != true) throw new IOException(answer?.Refusal ?? "it has ended the connection");
            return new PeerConnection(stream);
        }
        catch (Exception e)
        {
            if (stream is not null) await stream.DisposeAsync();
            ct.ThrowIfCancellationRequested();
            throw e switch
            {
                OperationCanceledException => new IOException($"it did not answer within {OpenTimeout.TotalSeconds:0} s", e),
                SocketException or AuthenticationException or FormatException or InvalidDataException => new IOException(e.Message, e),
                _ => e,
            };
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => _stream.WriteAsync(bytes, ct);

    /// <summary>Waits until the other end has ended the stream.</summary>
    /// <returns>Why.</returns>
    public async Task<string> EndAsync(CancellationToken ct)
    {
        try
        {
            return (await PeerStreams.ReadFrameAsync(_stream, StreamAnswer.Parser, ct))?.Refusal ?? "it has ended the connection";
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            return e.Message;
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<Socket> ConnectAsync(RpcAddress address, CancellationToken ct)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(address.Host, address.Port), ct);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
            SetUserTimeout(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void SetUserTimeout(Socket socket)
    {
        Span<byte> milliseconds = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(milliseconds, SilenceMilliseconds);
        socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, milliseconds);
    }

    private static SslClientAuthenticationOptions TlsOptionsOf(PeerOptions options) => new()
    {
        TargetHost = CertificateIdentity.ManagerUnit,
        ApplicationProtocols = [new SslApplicationProtocol(PeerStreams.Protocol)],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateContext = options.Certificate(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => options.Trust.IsManager(certificate, chain),

        // A resumed session would show the certificate of the connection before.
        AllowTlsResume = false,
    };
}
