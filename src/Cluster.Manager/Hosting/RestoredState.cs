using Cluster.Raft;

namespace Cluster.Manager.Hosting;

/// <summary>A snapshot of the leader's that replaces the state. Whoever takes it reads the content and disposes it.</summary>
internal sealed record RestoredState(SnapshotMetadata Metadata, Stream Content);
