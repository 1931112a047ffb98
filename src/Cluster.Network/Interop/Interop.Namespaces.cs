using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Network;

internal static partial class Interop
{
    public const int InvalidArgument = 22, NoSuchFile = 2;

    private const int CloneNewNetwork = 0x40000000;
    private const nuint MsBind = 4096;
    private const int DetachLazily = 2;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Gives the calling thread a network namespace of its own. The thread must end afterwards, never go back to a pool.</summary>
    public static void LeaveNetworkNamespace()
    {
        if (unshare(CloneNewNetwork) != 0) throw Failure("unshare the network namespace");
    }

    /// <summary>Moves the calling thread into a namespace; false when the file is none. The same rule for the thread.</summary>
    public static bool EnterNetworkNamespace(SafeFileHandle file)
    {
        if (setns(file, CloneNewNetwork) == 0) return true;
        return Marshal.GetLastPInvokeError() == InvalidArgument ? false : throw Failure("enter a network namespace");
    }

    public static SafeFileHandle Open(string path)
    {
        int result = open(path, OpenCloseOnExec);
        return result >= 0 ? new SafeFileHandle(result, ownsHandle: true) : throw Failure($"open {path}");
    }

    public static void BindMount(string source, string target)
    {
        if (mount(source, target, "none", MsBind, "") != 0) throw Failure($"mount {source} at {target}");
    }

    /// <summary>Takes away what is mounted there; nothing there is success.</summary>
    public static void Unmount(string target)
    {
        if (umount2(target, DetachLazily) == 0 || Marshal.GetLastPInvokeError() is InvalidArgument or NoSuchFile) return;
        throw Failure($"unmount {target}");
    }

    public static IOException Failure(string operation) =>
        new($"{operation}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle file, int kind);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
