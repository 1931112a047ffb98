namespace Cluster.Raft.Storage;

/// <summary>A snapshot being written. One thread at a time.</summary>
public interface IRaftSnapshotWriter : IDisposable
{
    /// <summary>Write-only.</summary>
    Stream Content { get; }

    /// <summary>Syncs the content and puts the file in place. Only then may a core hear of the snapshot.</summary>
    /// <exception cref="RaftStorageException">The disk is full or broken; nothing was put in place.</exception>
    void Commit();
}
