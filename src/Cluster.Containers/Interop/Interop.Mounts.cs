using System.Runtime.InteropServices;

namespace Cluster.Containers;

internal static partial class Interop
{
    public const nuint MsReadOnly = 1, MsNoSetId = 2, MsNoDevices = 4, MsNoExec = 8, MsRecursive = 16384, MsPrivate = 1 << 18;

    private const int CloneNewMounts = 0x00020000;
    private const int DetachLazily = 2;
    private const int NoSuchFile = 2, InvalidArgument = 22;

    /// <summary>
    /// Gives the calling thread a mount namespace and a working directory of its own. The thread must end afterwards, never go back to a
    /// pool; what it mounted goes with it.
    /// </summary>
    public static void LeaveMountNamespace()
    {
        if (unshare(CloneNewMounts) != 0) throw Failure("unshare the mount namespace");
        Mount("none", "/", "", MsRecursive | MsPrivate, "");
    }

    public static void Mount(string source, string target, string type, nuint flags, string data)
    {
        if (mount(source, target, type, flags, data) != 0) throw Failure($"mount {source} ({type}) at {target}");
    }

    /// <summary>Takes away what is mounted there; nothing there is success.</summary>
    public static void Unmount(string target)
    {
        if (umount2(target, DetachLazily) == 0) return;
        if (Marshal.GetLastPInvokeError() is NoSuchFile or InvalidArgument) return;
        throw Failure($"unmount {target}");
    }

    /// <summary>For the calling thread alone once it has left the mount namespace.</summary>
    public static void ChangeDirectory(string path)
    {
        if (chdir(path) != 0) throw Failure($"change to directory {path}");
    }

    internal static IOException Failure(string operation) =>
        new($"{operation}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);
}
