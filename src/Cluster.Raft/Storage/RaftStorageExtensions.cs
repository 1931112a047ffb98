namespace Cluster.Raft.Storage;

public static class RaftStorageExtensions
{
    /// <summary>Group commit: appends all batches and syncs once.</summary>
    /// <returns>The sequence for <see cref="RaftCore.Persisted"/>.</returns>
    public static ulong Persist(this IRaftStorage storage, params IReadOnlyList<PersistBatch> batches)
    {
        ArgumentOutOfRangeException.ThrowIfZero(batches.Count);
        for (var i = 0; i < batches.Count; i++)
            storage.Append(batches[i]);
        storage.Sync();
        return batches[^1].Sequence;
    }
}
