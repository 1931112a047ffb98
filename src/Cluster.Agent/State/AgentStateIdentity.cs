using Cluster.Model.Ids;

namespace Cluster.Agent.State;

/// <summary>Whose state a file holds. One of another cluster or node is refused, not overwritten.</summary>
public sealed record AgentStateIdentity(ClusterId ClusterId, NodeId NodeId);

/// <summary>The state file is not one that this agent may use; the message says why and what to do.</summary>
public sealed class AgentStateException(string message) : Exception(message);
