namespace Cluster.UnitTests.Manager;

/// <summary>The machine's time, but for what a wall clock shows: that a test sets.</summary>
internal sealed class SetClock : TimeProvider
{
    /// <summary>How far it is ahead of the machine's.</summary>
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
}
