using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Network;

internal static partial class Interop
{
    private const int AddressFamilyNetlink = 16, RawSocket = 3, CloseOnExec = 0x80000, RouteProtocol = 0;
    private const int Interrupted = 4;

    /// <summary>A socket to the kernel's routing tables of the calling thread's network namespace, where it stays.</summary>
    public static SafeFileHandle OpenRouteSocket()
    {
        int result = socket(AddressFamilyNetlink, RawSocket | CloseOnExec, RouteProtocol);
        return result >= 0 ? new SafeFileHandle(result, ownsHandle: true) : throw Failure("open a netlink socket");
    }

    public static void Send(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        nint sent = send(file, bytes, (nuint)bytes.Length, 0);
        if (sent < 0) throw Failure("send to netlink");
        if (sent != bytes.Length) throw new IOException($"netlink took {sent} of {bytes.Length} bytes");
    }

    public static int Receive(SafeFileHandle file, Span<byte> buffer)
    {
        while (true)
        {
            nint count = recv(file, buffer, (nuint)buffer.Length, 0);
            if (count >= 0) return (int)count;
            if (Marshal.GetLastPInvokeError() != Interrupted) throw Failure("receive from netlink");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeFileHandle file, ReadOnlySpan<byte> bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeFileHandle file, Span<byte> buffer, nuint length, int flags);
}
