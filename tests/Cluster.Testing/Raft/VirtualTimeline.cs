namespace Cluster.Testing.Raft;

/// <summary>Events in virtual milliseconds; those of the same moment in the order in which they were planned.</summary>
public sealed class VirtualTimeline
{
    private readonly PriorityQueue<Action, (long At, long Number)> _events = new();
    private long _number;

    public long Now { get; private set; }

    public void After(long milliseconds, Action action) => _events.Enqueue(action, (Now + milliseconds, _number++));

    /// <returns>False when the next event is later than <paramref name="end"/>.</returns>
    public bool Step(long end)
    {
        if (!_events.TryPeek(out _, out var next) || next.At > end)
        {
            Now = end;
            return false;
        }

        Now = next.At;
        _events.Dequeue()();
        return true;
    }
}
