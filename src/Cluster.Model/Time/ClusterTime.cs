namespace Cluster.Model.Time;

/// <summary>
/// The cluster's own time, in 100 ns ticks since 0001-01-01 UTC (as <see cref="DateTime.Ticks"/>). The leader derives it from the
/// last committed time plus monotonic elapsed time; it never goes backwards. Every stored time is of this kind.
/// </summary>
public readonly record struct ClusterTime(long Ticks) : IComparable<ClusterTime>
{
    public static readonly ClusterTime Zero = default;

    public static readonly ClusterTime MaxValue = new(DateTime.MaxValue.Ticks);

    public bool IsNone => Ticks == 0;

    public int CompareTo(ClusterTime other) => Ticks.CompareTo(other.Ticks);

    public DateTime ToUtc() => new(Ticks, DateTimeKind.Utc);

    public static ClusterTime FromUtc(DateTimeOffset time) => new(time.UtcTicks);

    public static ClusterTime operator +(ClusterTime time, TimeSpan span) =>
        span.Ticks > DateTime.MaxValue.Ticks - time.Ticks ? MaxValue : new(time.Ticks + span.Ticks);

    public static TimeSpan operator -(ClusterTime a, ClusterTime b) => new(a.Ticks - b.Ticks);

    public static bool operator <(ClusterTime a, ClusterTime b) => a.Ticks < b.Ticks;

    public static bool operator >(ClusterTime a, ClusterTime b) => a.Ticks > b.Ticks;

    public static bool operator <=(ClusterTime a, ClusterTime b) => a.Ticks <= b.Ticks;

    public static bool operator >=(ClusterTime a, ClusterTime b) => a.Ticks >= b.Ticks;

    public override string ToString() => ToUtc().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
