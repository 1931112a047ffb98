namespace Cluster.Node.Keys;

/// <summary>Files that only root reads.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The new content or, after a crash, the old one.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".new";
        File.Delete(beside);
        using (FileStream stream = new(beside, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);

        // The rename is in the same journal transaction as the inode's change time, which this forces out.
        using FileStream renamed = new(path, FileMode.Open, FileAccess.Write);
        renamed.Flush(flushToDisk: true);
    }

    public static void CreateDirectory(string path) => Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
}
