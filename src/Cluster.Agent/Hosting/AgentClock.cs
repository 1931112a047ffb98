using Cluster.Model.Time;

namespace Cluster.Agent.Hosting;

/// <summary>
/// The agent's time: close to the wall clock, but never backwards, and never standing still. When the wall clock is ahead it jumps to
/// it; when it was set back, this clock goes at half speed until the wall clock has caught up. One thread uses it.
/// </summary>
internal sealed class AgentClock(TimeProvider timeProvider)
{
    private long _stamp = timeProvider.GetTimestamp();
    private ClusterTime _last = ClusterTime.FromUtc(timeProvider.GetUtcNow());

    public ClusterTime Now()
    {
        long stamp = timeProvider.GetTimestamp();
        TimeSpan elapsed = timeProvider.GetElapsedTime(_stamp, stamp);
        ClusterTime wall = ClusterTime.FromUtc(timeProvider.GetUtcNow());
        _stamp = stamp;
        ClusterTime slow = _last + elapsed / 2;
        return _last = wall > slow ? wall : slow;
    }
}
