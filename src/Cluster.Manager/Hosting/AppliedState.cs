using Cluster.Store;

namespace Cluster.Manager.Hosting;

/// <summary>A committed state, the log's index that it stands for, and the bytes of the log that were applied since the start.</summary>
internal readonly record struct AppliedState(ulong Index, long LogBytes, StoreSnapshot State);
