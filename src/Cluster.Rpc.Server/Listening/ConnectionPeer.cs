using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Cluster.Rpc.Server.Listening;

/// <summary>The <see cref="RpcPeer"/> of a connection, made at its first call and kept with the connection.</summary>
internal static class ConnectionPeer
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int CredentialBytes = 12; // struct ucred: pid, uid, gid

    private static readonly object Key = new();

    public static RpcPeer Of(HttpContext http)
    {
        IDictionary<object, object?> items = http.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        lock (items)
        {
            if (items.TryGetValue(Key, out object? known)) return (RpcPeer)known!;
            RpcPeer peer = Create(http, items);
            items[Key] = peer;
            return peer;
        }
    }

    private static RpcPeer Create(HttpContext http, IDictionary<object, object?> items)
    {
        if (http.Connection.RemoteIpAddress is not { } address)
        {
            (int ProcessId, int UserId)? credentials = ReadCredentials(http.Features.Get<IConnectionSocketFeature>()?.Socket);
            return new RpcPeer { IsLocal = true, ProcessId = credentials?.ProcessId, UserId = credentials?.UserId };
        }
        return new RpcPeer
        {
            Certificate = http.Connection.ClientCertificate,
            Intermediates = ClientChain.Of(items),
            RemoteEndPoint = new IPEndPoint(address, http.Connection.RemotePort),
        };
    }

    private static (int ProcessId, int UserId)? ReadCredentials(Socket? socket)
    {
        if (socket is null) return null;
        try
        {
            Span<byte> credentials = stackalloc byte[CredentialBytes];
            socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
            ReadOnlySpan<int> fields = MemoryMarshal.Cast<byte, int>(credentials);
            return (fields[0], fields[1]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null; // the connection is gone, and the call with it
        }
    }
}
