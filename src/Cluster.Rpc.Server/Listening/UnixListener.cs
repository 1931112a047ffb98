using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Rpc.Server.Listening;

/// <summary>
/// Binds unix sockets. The mode is set on the socket before it is bound, as the kernel creates the file with it: there is no moment in which
/// others can connect.
/// </summary>
internal static class UnixListener
{
    public static Socket Bind(string path, UnixFileMode mode)
    {
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using (var file = new SafeFileHandle(socket.Handle, ownsHandle: false)) File.SetUnixFileMode(file, mode);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, mode); // what the process's umask took away
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen on unix socket '{path}': {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket file stays when its process is killed. It is removed only if nobody answers on it, and never if it is another kind of file.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path)) return;
        // Without blocking: a listener that accepts nobody is a listener too.
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode != SocketError.WouldBlock)
        {
            throw new IOException($"Cannot listen on unix socket '{path}': a file is in its place ({e.Message}). Remove it or choose another path.", e);
        }
        catch (SocketException)
        {
            // its queue is full: somebody listens
        }
        throw new IOException($"Cannot listen on unix socket '{path}': another process is listening on it. Stop that process or choose another path.");
    }

    /// <summary>Connecting to a regular file is refused with the same error as connecting to a socket without a listener.</summary>
    private static bool IsSocket(string path)
    {
        // The kernel opens no socket file: ENXIO, which comes as an I/O error, whereas a regular file opens.
        try
        {
            using SafeFileHandle handle = File.OpenHandle(path);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
