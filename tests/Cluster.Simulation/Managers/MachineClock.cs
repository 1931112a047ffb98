using Cluster.Model.Time;
using Cluster.Simulation.World;

namespace Cluster.Simulation.Managers;

/// <summary>A machine's clocks: how long it thinks that it has been on, which drifts, and what it thinks the time is, which can be wrong too.</summary>
internal sealed class MachineClock(EventQueue queue)
{
    private ClusterTime _since = queue.Now;
    private TimeSpan _until;
    private double _rate = 1;

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Error { get; set; }

    /// <summary>Seconds that it counts in a second.</summary>
    public double Rate
    {
        get => _rate;
        set => (_until, _since, _rate) = (Monotonic, queue.Now, value);
    }

    public TimeSpan Monotonic => _until + ((queue.Now - _since) * _rate);

    public DateTimeOffset Wall => new((queue.Start + Monotonic + Error).Ticks, TimeSpan.Zero);
}
