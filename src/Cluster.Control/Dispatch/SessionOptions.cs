namespace Cluster.Control.Dispatch;

/// <summary>Limits of a manager's sessions, with Swarm's numbers.</summary>
public sealed record SessionOptions
{
    public TimeSpan HeartbeatPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Each session's period differs by up to this part of it, so that agents do not beat in step.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>A session without a sign of life for this many of its periods is over.</summary>
    public int MissedPeriods { get; init; } = 3;

    /// <summary>A node may open this many sessions within <see cref="OpeningWindow"/>.</summary>
    public int MaxOpenings { get; init; } = 3;

    public TimeSpan OpeningWindow { get; init; } = TimeSpan.FromSeconds(8);

    public int MaxSessions { get; init; } = 20_000;
}
