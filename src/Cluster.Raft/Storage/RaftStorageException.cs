namespace Cluster.Raft.Storage;

/// <summary>The storage cannot be read or written, or is not this member's. Says the file, where in it, and why.</summary>
public sealed class RaftStorageException : IOException
{
    public RaftStorageException(string message, RaftStorageError error, Exception? inner = null)
        : base(message, inner)
    {
        Error = error;
    }

    public RaftStorageError Error { get; }
}
