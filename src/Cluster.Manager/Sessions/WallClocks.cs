using Cluster.Manager.Services;
using Cluster.Model;

namespace Cluster.Manager.Sessions;

/// <summary>What others say of their clocks. They may say anything, so only what a clock can show is taken in: the sums that follow cannot overflow.</summary>
internal static class WallClocks
{
    /// <summary>How far a clock is ahead of this machine's; null: it was not told.</summary>
    public static TimeSpan? Ahead(long ticks, TimeProvider timeProvider)
    {
        if (ticks == 0) return null;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks) throw Replies.Refused(RefusalKind.Invalid, $"wall_clock_ticks: {ticks} is no time");
        return new TimeSpan(ticks - timeProvider.GetUtcNow().UtcTicks);
    }

    /// <summary>What another manager has measured so.</summary>
    public static TimeSpan CheckedSkew(long ticks) =>
        ticks >= -DateTime.MaxValue.Ticks && ticks <= DateTime.MaxValue.Ticks ? new TimeSpan(ticks) : throw Replies.Refused(RefusalKind.Invalid, $"clock_skew_ticks: {ticks} is no distance of clocks");
}
