using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Cluster.Containers.Containerd;

/// <summary>Finds the process that listens on a unix socket, which a pid file could only claim.</summary>
internal static class PeerProcess
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>0 when nobody listens.</summary>
    public static int Listening(string socketPath)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        }
        catch (SocketException)
        {
            return 0;
        }

        // struct ucred: pid, uid, gid
        Span<byte> credentials = stackalloc byte[12];
        return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == 12 ? MemoryMarshal.Read<int>(credentials) : 0;
    }
}
