namespace Cluster.Testing.Raft;

/// <summary>What Raft promises did not hold.</summary>
public sealed class RaftInvariantException(string message) : Exception(message);
