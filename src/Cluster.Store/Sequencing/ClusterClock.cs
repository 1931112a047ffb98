using Cluster.Model.Time;

namespace Cluster.Store.Sequencing;

/// <summary>
/// Cluster time: the last committed time plus monotonic elapsed time, slewed towards the wall clock, never backwards. Owned by the
/// sequencer's thread; reads no clock: the monotonic time (since any moment) and the wall clock are passed in.
/// </summary>
public sealed class ClusterClock
{
    /// <summary>How much faster or slower than time it may run to come nearer to the wall clock: one part in this many.</summary>
    public const int SlewDivisor = 10;

    /// <summary>Behind the wall clock by more than this at the start of a leadership, the time in between was lost, and is made up at once.</summary>
    public static readonly TimeSpan StepThreshold = TimeSpan.FromMinutes(1);

    /// <summary>A wall clock further ahead than this is not believed.</summary>
    public static readonly TimeSpan MaxStep = TimeSpan.FromDays(30);

    private ClusterTime _time;
    private TimeSpan _at;

    /// <summary>Takes note of a committed time; on every member, so that a new leader knows how much time has passed since.</summary>
    public void Observe(ClusterTime committed, TimeSpan monotonic)
    {
        Elapse(monotonic);
        if (committed > _time) _time = committed;
    }

    /// <summary>
    /// At the start of a leadership. A new cluster begins at the wall clock. A cluster that was down as a whole goes on at the wall
    /// clock too: what was due meanwhile is due now.
    /// </summary>
    public ClusterTime BeginLeadership(ClusterTime committed, TimeSpan monotonic, DateTimeOffset wall)
    {
        Observe(committed, monotonic);
        ClusterTime target = ClusterTime.FromUtc(wall);
        TimeSpan behind = target - _time;
        if (_time.IsNone || (behind > StepThreshold && behind <= MaxStep)) _time = target;
        return _time;
    }

    /// <summary>None before the first committed time or leadership.</summary>
    public ClusterTime Now(TimeSpan monotonic, DateTimeOffset wall)
    {
        TimeSpan elapsed = Elapse(monotonic);
        if (_time.IsNone) return _time; // nothing to slew: the first leadership decides where time begins
        TimeSpan limit = elapsed / SlewDivisor, behind = ClusterTime.FromUtc(wall) - _time;
        _time += behind > limit ? limit : behind < -limit ? -limit : behind;
        return _time;
    }

    private TimeSpan Elapse(TimeSpan monotonic)
    {
        TimeSpan elapsed = monotonic > _at ? monotonic - _at : TimeSpan.Zero;
        _at += elapsed;
        if (!_time.IsNone) _time += elapsed;
        return elapsed;
    }
}
