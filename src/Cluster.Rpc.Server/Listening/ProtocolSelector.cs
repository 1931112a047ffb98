using System.Net.Security;
using System.Net.Sockets;
using Cluster.Rpc.Server.Calls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Cluster.Rpc.Server.Listening;

/// <summary>Gives connections whose handshake chose an <see cref="RpcProtocol"/> to that instead of to HTTP/2.</summary>
internal sealed class ProtocolSelector(RpcServerOptions options, OpenCalls open, CancellationToken stopToken)
{
    private const int KeepAliveSeconds = 1;
    private const int KeepAliveRetries = 3;

    public ConnectionDelegate Wrap(ConnectionDelegate http) => connection => Find(connection) is { } protocol ? ServeAsync(protocol, connection) : http(connection);

    private RpcProtocol? Find(ConnectionContext connection)
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is not { } chosen) return null;
        foreach (RpcProtocol protocol in options.Protocols)
            if (new SslApplicationProtocol(protocol.Name).Protocol.Span.SequenceEqual(chosen.ApplicationProtocol.Span)) return protocol;
        return null;
    }

    private async Task ServeAsync(RpcProtocol protocol, ConnectionContext connection)
    {
        // The bare connection has no pings: the kernel finds out when the other machine is gone.
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket) KeepAlive(socket);
        var peer = new RpcPeer
        {
            Certificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate,
            Intermediates = ClientChain.Of(connection.Items),
            RemoteEndPoint = connection.RemoteEndPoint,
        };
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, stopToken);
        var call = new OpenConnection(protocol.Method, peer, ended);
        open.Add(call);
        try
        {
            SslStream stream = connection.Features.GetRequiredFeature<ISslStreamFeature>().SslStream;
            await protocol.ServeAsync(new RpcConnection(peer, open.Judge(protocol.Method, peer), stream, ended.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            // The connection is over.
        }
        catch (Exception e)
        {
            options.OnUnhandled?.Invoke(protocol.Method, e);
        }
        finally
        {
            open.Remove(call);
            call.Close();
        }
    }

    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
    }
}
