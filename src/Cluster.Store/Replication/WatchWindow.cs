using System.Collections.Immutable;

namespace Cluster.Store.Replication;

/// <summary>
/// The committed changes after a version, oldest first, each once. Empty when there is nothing newer (yet). When
/// <paramref name="Compacted"/> holds, the version is older than what is kept: list again and go on from the list's version.
/// </summary>
public readonly record struct WatchWindow(bool Compacted, ImmutableArray<ChangeBatch> Batches);
