using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Cluster.Api.V1;
using Cluster.Manager.Peers;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>A caller that says of itself what a test likes.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private RawPeer(SslStream stream) => Stream = stream;

    public SslStream Stream { get; }

    public static async Task<RawPeer> OpenAsync(int port, SslStreamCertificateContext? certificate)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "cluster-manager",
            ApplicationProtocols = [new SslApplicationProtocol(PeerStreams.Protocol)],
            ClientCertificateContext = certificate,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        });
        return new RawPeer(stream);
    }

    public async Task<StreamAnswer> AskAsync(PeerHeader header)
    {
        await PeerStreams.WriteFrameAsync(Stream, header, CancellationToken.None);
        return await AnswerAsync();
    }

    public async Task<StreamAnswer> AnswerAsync() =>
        await PeerStreams.ReadFrameAsync(Stream, StreamAnswer.Parser, CancellationToken.None) ?? throw new EndOfStreamException("the connection ended without an answer");

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
