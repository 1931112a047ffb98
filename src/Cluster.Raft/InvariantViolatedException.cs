namespace Cluster.Raft;

/// <summary>A bug, or a peer or disk that lied. The member must stop; its synced state is intact.</summary>
public sealed class InvariantViolatedException(string message) : Exception(message);
