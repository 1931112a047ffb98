namespace Cluster.Control.Dispatch;

public enum SessionVerdict
{
    Granted,

    /// <summary>The agent has seen newer state than this manager: it has to ask another one, or later.</summary>
    Behind,

    /// <summary>Too many sessions, of this node lately or in all: come back later.</summary>
    Busy,
}

/// <summary>Whether an agent gets its session; <paramref name="Grant"/> is set when it does.</summary>
public sealed record SessionAnswer(SessionVerdict Verdict, SessionGrant? Grant, string Message);

/// <param name="Id">New.</param>
/// <param name="Epoch">Grows with each session of a node, over all managers: the highest is the one that counts.</param>
/// <param name="HeartbeatPeriod">What the agent has to keep.</param>
/// <param name="Replaced">An older session of the node that is over now.</param>
public sealed record SessionGrant(SessionId Id, ulong Epoch, TimeSpan HeartbeatPeriod, SessionId? Replaced);
