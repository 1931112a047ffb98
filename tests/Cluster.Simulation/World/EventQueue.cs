using Cluster.Model.Time;
using Cluster.Testing.Agent;

namespace Cluster.Simulation.World;

/// <summary>
/// Virtual time: what is planned, by time and then by the order in which it was planned. One thread runs it, one event after the other.
/// A heap of numbers, since most of what a run does is to plan small things: each entry names the place of its action.
/// </summary>
internal sealed class EventQueue(ClusterTime start) : ISimulationScheduler
{
    private const int PlaceBits = 20;
    private const int Branches = 4;

    private (long Ticks, long OrderAndPlace)[] _heap = new (long, long)[1024];
    private (Action? Action, Life? Life)[] _actions = new (Action?, Life?)[1024];
    private int[] _free = [.. Enumerable.Range(0, 1024).Reverse()];
    private int _freeCount = 1024;
    private int _count;
    private long _order;

    public ClusterTime Start { get; } = start;

    public ClusterTime Now { get; private set; } = start;

    public TimeSpan Elapsed => Now - Start;

    public long Executed { get; private set; }

    public void Schedule(TimeSpan delay, Action action) => Schedule(delay, action, null);

    /// <summary>The action is left out when the life is over by then.</summary>
    public void Schedule(TimeSpan delay, Action action, Life? life)
    {
        if (_freeCount == 0) Grow();
        int place = _free[--_freeCount];
        _actions[place] = (action, life);
        long ticks = (Now + (delay < TimeSpan.Zero ? TimeSpan.Zero : delay)).Ticks;
        Up(_count++, (ticks, (++_order << PlaceBits) | (long)place));
    }

    /// <summary>Runs the next event, unless it is later than <paramref name="end"/>: then the clock goes there and the answer is false.</summary>
    public bool Step(ClusterTime end)
    {
        if (_count == 0 || _heap[0].Ticks > end.Ticks)
        {
            Now = end;
            return false;
        }

        (long ticks, long orderAndPlace) = _heap[0];
        if (--_count > 0) Down(_heap[_count]);
        int place = (int)(orderAndPlace & ((1 << PlaceBits) - 1));
        (Action? action, Life? life) = _actions[place];
        _actions[place] = default;
        _free[_freeCount++] = place;
        Now = new ClusterTime(ticks);
        Executed++;
        if (life is not { IsOver: true }) action!();
        return true;
    }

    private static bool IsBefore(in (long Ticks, long OrderAndPlace) a, in (long Ticks, long OrderAndPlace) b) =>
        a.Ticks < b.Ticks || (a.Ticks == b.Ticks && a.OrderAndPlace < b.OrderAndPlace);

    private void Up(int at, (long Ticks, long OrderAndPlace) item)
    {
        while (at > 0)
        {
            int parent = (at - 1) / Branches;
            if (!IsBefore(item, _heap[parent])) break;
            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = item;
    }

    /// <summary>Puts the item in the place of the first.</summary>
    private void Down((long Ticks, long OrderAndPlace) item)
    {
        int at = 0;
        while (true)
        {
            int first = (at * Branches) + 1;
            if (first >= _count) break;
            int least = first;
            for (int child = first + 1; child < Math.Min(first + Branches, _count); child++)
            {
                if (IsBefore(_heap[child], _heap[least])) least = child;
            }

            if (!IsBefore(_heap[least], item)) break;
            _heap[at] = _heap[least];
            at = least;
        }

        _heap[at] = item;
    }

    private void Grow()
    {
        int size = _actions.Length;
        if (size << 1 > 1 << PlaceBits) throw new InvalidOperationException($"more than {size} events are planned");
        Array.Resize(ref _heap, 2 * size);
        Array.Resize(ref _actions, 2 * size);
        Array.Resize(ref _free, 2 * size);
        for (int place = (2 * size) - 1; place >= size; place--) _free[_freeCount++] = place;
    }
}
