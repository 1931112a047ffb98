using Cluster.Model.Time;
using Cluster.Testing.Agent;

namespace Cluster.Simulation.World;

/// <summary>Virtual time: what is planned, by time and then by the order in which it was planned. One thread runs it, one event after the other.</summary>
internal sealed class EventQueue(ClusterTime start) : ISimulationScheduler
{
    private readonly PriorityQueue<Action, (long Ticks, long Order)> _events = new();
    private long _order;

    public ClusterTime Start { get; } = start;

    public ClusterTime Now { get; private set; } = start;

    public TimeSpan Elapsed => Now - Start;

    public long Executed { get; private set; }

    public void Schedule(TimeSpan delay, Action action) =>
        _events.Enqueue(action, ((Now + (delay < TimeSpan.Zero ? TimeSpan.Zero : delay)).Ticks, ++_order));

    /// <summary>Runs the next event, unless it is later than <paramref name="end"/>: then the clock goes there and the answer is false.</summary>
    public bool Step(ClusterTime end)
    {
        if (!_events.TryPeek(out Action? action, out (long Ticks, long Order) due) || due.Ticks > end.Ticks)
        {
            Now = end;
            return false;
        }

        _events.Dequeue();
        Now = new ClusterTime(due.Ticks);
        Executed++;
        action();
        return true;
    }
}
