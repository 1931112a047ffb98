using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Containers;

internal static partial class Interop
{
    public const int OpenReadOnly = 0, OpenDirectory = 0x10000, OpenPath = 0x200000, OpenCloseOnExec = 0x80000, OpenNonBlocking = 0x800;

    private const long OpenAt2 = 437;
    private const ulong ResolveNoMagicLinks = 0x02, ResolveInRoot = 0x10;
    private const int NotADirectory = 20, TooManyLinks = 40;
    private const int KeepSize = 1, PunchHole = 2;

    /// <summary>
    /// Opens a path as a process would see it whose root is <paramref name="root"/>: no symlink, <c>..</c> or magic link leads out of it.
    /// Null when there is no such file.
    /// </summary>
    public static SafeFileHandle? OpenInRoot(SafeFileHandle root, string path, int flags)
    {
        OpenHow how = new() { Flags = (ulong)(flags | OpenCloseOnExec), Resolve = ResolveInRoot | ResolveNoMagicLinks };
        long result = openat2(OpenAt2, root, path, ref how, (nuint)Marshal.SizeOf<OpenHow>());
        if (result >= 0) return new SafeFileHandle((nint)result, ownsHandle: true);
        if (Marshal.GetLastPInvokeError() is NoSuchFile or NotADirectory or TooManyLinks) return null;
        throw Failure($"open {path} inside an image");
    }

    public static SafeFileHandle OpenDirectoryPath(string path)
    {
        int result = open(path, OpenPath | OpenDirectory | OpenCloseOnExec);
        return result >= 0 ? new SafeFileHandle(result, ownsHandle: true) : throw Failure($"open directory {path}");
    }

    /// <summary>Gives the blocks of a part of a file back to the file system; the file keeps its size. False where that is not supported.</summary>
    public static bool FreeBlocks(SafeFileHandle file, long offset, long length) => fallocate(file, PunchHole | KeepSize, offset, length) == 0;

    /// <summary>Removes a directory without looking into it. False when it is not empty (or busy, or gone).</summary>
    public static bool RemoveDirectory(string path) => rmdir(path) == 0;

    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long openat2(long number, SafeFileHandle directory, string path, ref OpenHow how, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);
}
