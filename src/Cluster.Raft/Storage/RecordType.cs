namespace Cluster.Raft.Storage;

/// <summary>The numbers are on disk.</summary>
internal enum RecordType : byte
{
    Unspecified = 0,

    /// <summary>A salt: the records after it are sealed under the key derived from it.</summary>
    Epoch = 1,

    Batch = 2,

    /// <summary>The segment is complete.</summary>
    Seal = 3,
}
