namespace Cluster.Simulation.Managers;

/// <summary>No session; when final, the leader says that the node was removed.</summary>
internal sealed record SessionRefusal(bool IsFinal, string Reason);
