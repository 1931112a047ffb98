namespace Cluster.Simulation.World;

/// <summary>One direction of a connection: what is said arrives later, in order, and not while the way is cut.</summary>
internal sealed class OrderedPipe(SimulationWorld world, Endpoint from, Endpoint to, Action<object> deliver)
{
    private static readonly TimeSpan RetransmissionPeriod = TimeSpan.FromMilliseconds(250);

    private readonly Queue<object> _underWay = new();
    private bool _isPlanned;

    public void Send(object message)
    {
        _underWay.Enqueue(message);
        Plan(world.Network.Latency(from, to));
    }

    private void Plan(TimeSpan delay)
    {
        if (_isPlanned) return;
        _isPlanned = true;
        world.Queue.Schedule(delay, Arrive);
    }

    private void Arrive()
    {
        _isPlanned = false;
        if (world.Network.IsCut(from, to))
        {
            Plan(RetransmissionPeriod);
            return;
        }

        if (_underWay.TryDequeue(out object? message)) deliver(message);
        if (_underWay.Count > 0) Plan(TimeSpan.FromMicroseconds(20));
    }
}
