using System.Runtime.InteropServices;
using Cluster.Raft.Storage.Interop;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Raft.Storage;

/// <summary>Every change that the storage makes on the disk goes through here, so that a test can let any of them fail.</summary>
internal class DiskFiles
{
    /// <summary>Creates or empties a file that only its owner may read.</summary>
    public virtual SafeFileHandle Create(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return handle;
    }

    public virtual void Allocate(SafeFileHandle file, long length, string path)
    {
        var error = Files.Allocate(file, 0, length);
        if (error != 0)
            throw Failure("allocate", path, error);
    }

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void DataSync(SafeFileHandle file, string path)
    {
        if (Files.DataSync(file) != 0)
            throw Failure("sync", path, Marshal.GetLastPInvokeError());
    }

    public virtual void Sync(SafeFileHandle file, string path)
    {
        if (Files.Sync(file) != 0)
            throw Failure("sync", path, Marshal.GetLastPInvokeError());
    }

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void Delete(string path) => File.Delete(path);

    public virtual void SyncDirectory(string path)
    {
        using var directory = Files.OpenDirectory(path);
        if (directory.IsInvalid || Files.Sync(directory) != 0)
            throw Failure("sync the directory", path, Marshal.GetLastPInvokeError());
    }

    /// <summary>What any failure of the disk becomes.</summary>
    public static RaftStorageException Classify(Exception cause, string path)
    {
        if (cause is RaftStorageException known)
            return known;
        var error = cause is IOException && (cause.HResult & 0xffff) is Files.NoSpaceLeft or Files.QuotaExceeded
            ? RaftStorageError.DiskFull
            : RaftStorageError.Io;
        return new RaftStorageException($"Cannot write {path}: {cause.Message}", error, cause);
    }

    private static RaftStorageException Failure(string operation, string path, int error) => new(
        $"Cannot {operation} {path}: {Marshal.GetPInvokeErrorMessage(error)}.",
        error is Files.NoSpaceLeft or Files.QuotaExceeded ? RaftStorageError.DiskFull : RaftStorageError.Io);
}
