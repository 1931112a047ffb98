namespace Cluster.Store.Snapshots;

/// <summary>A snapshot that cannot be loaded: damaged, cut off, or of a format that this version does not know. Nothing was loaded.</summary>
public sealed class SnapshotFormatException : Exception
{
    public SnapshotFormatException(string message)
        : base(message)
    {
    }

    public SnapshotFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
