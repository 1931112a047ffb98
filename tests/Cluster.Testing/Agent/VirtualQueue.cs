using Cluster.Model.Time;

namespace Cluster.Testing.Agent;

/// <summary>The simplest <see cref="ISimulationScheduler"/>: a priority queue, run by whoever owns it.</summary>
public sealed class VirtualQueue(ClusterTime start) : ISimulationScheduler
{
    private readonly PriorityQueue<Action, (long Ticks, long Order)> _queue = new();
    private long _order;

    public ClusterTime Now { get; private set; } = start;

    public long Executed { get; private set; }

    public void Schedule(TimeSpan delay, Action action) => _queue.Enqueue(action, ((Now + (delay < TimeSpan.Zero ? TimeSpan.Zero : delay)).Ticks, ++_order));

    /// <summary>Runs everything that is due within the time, and leaves the clock at its end.</summary>
    public void RunFor(TimeSpan time)
    {
        ClusterTime end = Now + time;
        while (_queue.TryPeek(out Action? action, out (long Ticks, long Order) due) && due.Ticks <= end.Ticks)
        {
            _queue.Dequeue();
            Now = new ClusterTime(due.Ticks);
            Executed++;
            action();
        }

        Now = end;
    }
}
