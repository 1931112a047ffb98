using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Raft.Storage.Interop;

/// <summary>What the framework does not offer: a sync without metadata, allocation, syncing a directory.</summary>
internal static partial class Files
{
    public const int NoSpaceLeft = 28;
    public const int QuotaExceeded = 122;

    private const int ReadOnlyDirectory = 0x10000 | 0x80000;

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    /// <returns>The error itself, not -1.</returns>
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    public static partial int Allocate(SafeFileHandle file, long offset, long length);

    public static SafeFileHandle OpenDirectory(string path) => Open(path, ReadOnlyDirectory, 0);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);
}
