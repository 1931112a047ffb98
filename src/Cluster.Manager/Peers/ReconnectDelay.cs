namespace Cluster.Manager.Peers;

/// <summary>Growing, jittered pauses between attempts: 50 ms to a second, so that a member that is back is found within its election time.</summary>
internal sealed class ReconnectDelay(Random random)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private TimeSpan _next = Shortest;

    public TimeSpan Next()
    {
        TimeSpan delay = _next * (0.5 + (random.NextDouble() / 2));
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return delay;
    }

    public void Reset() => _next = Shortest;
}
