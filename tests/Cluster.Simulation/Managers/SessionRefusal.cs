namespace Cluster.Simulation.Managers;

/// <summary>No session; when final, the node's certificate is worth nothing.</summary>
internal sealed record SessionRefusal(bool IsFinal, string Reason);
