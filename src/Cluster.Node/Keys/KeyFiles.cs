using System.Security.Cryptography;

namespace Cluster.Node.Keys;

/// <summary>Files that only root reads. Every step that changes the disk is a method of its own, so that a test can stop a change behind any of them.</summary>
internal class KeyFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Unfinished = ".new";

    /// <summary>The new content or, after a crash, the old one.</summary>
    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + Unfinished;
        WriteBeside(beside, content);
        Rename(beside, path);
        Sync(path);
    }

    /// <summary>
    /// Removes a file whose content must not be found any more. What it held is overwritten first; that is all that can be done on a disk which
    /// writes in place, and less on one that does not.
    /// </summary>
    public void Erase(string path)
    {
        if (!File.Exists(path)) return;
        Overwrite(path);
        Delete(path);
    }

    public virtual void WriteBeside(string path, ReadOnlySpan<byte> content)
    {
        File.Delete(path);
        using FileStream stream = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>The rename is in the same journal transaction as the inode's change time, which this forces out.</summary>
    public virtual void Sync(string path)
    {
        using FileStream renamed = new(path, FileMode.Open, FileAccess.Write);
        renamed.Flush(flushToDisk: true);
    }

    public virtual void Overwrite(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write);
        stream.Write(RandomNumberGenerator.GetBytes((int)stream.Length));
        stream.Flush(flushToDisk: true);
    }

    public virtual void Delete(string path) => File.Delete(path);

    public static void CreateDirectory(string path) => Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
}
