namespace Cluster.Control.Dispatch;

/// <summary>A point in the cluster's history: what an agent has applied, or a manager.</summary>
public readonly record struct AgentPosition(ulong Incarnation, ulong Version)
{
    /// <summary>Whether something newer has been seen there. An older incarnation's versions say nothing in a newer one.</summary>
    public bool IsAheadOf(AgentPosition other) =>
        Incarnation != other.Incarnation ? Incarnation > other.Incarnation : Version > other.Version;
}
