using System.Buffers;
using Cluster.Raft.Messages;

namespace Cluster.Simulation.World;

/// <summary>
/// Who reaches whom, and how fast. Consensus messages are lost, repeated and reordered one by one; the connections between agents and
/// managers keep their order and stand still while their way is cut.
/// </summary>
internal sealed class SimulatedNetwork(SimulationWorld world, Random random)
{
    private readonly ArrayBufferWriter<byte> _encoded = new();

    // Only looked up, never walked.
    private readonly HashSet<(Endpoint From, Endpoint To)> _cut = [];

    /// <summary>Multiplies latencies.</summary>
    public double Slowness { get; set; } = 1;

    public double Loss { get; set; }

    public void Cut(Endpoint from, Endpoint to) => _cut.Add((from, to));

    public void CutBoth(Endpoint a, Endpoint b)
    {
        Cut(a, b);
        Cut(b, a);
    }

    public void Heal(Endpoint from, Endpoint to) => _cut.Remove((from, to));

    public void HealAll() => _cut.Clear();

    public bool IsCut(Endpoint from, Endpoint to) => _cut.Count > 0 && _cut.Contains((from, to));

    public TimeSpan Latency(Endpoint from, Endpoint to)
    {
        TimeSpan longest = from.IsManager && to.IsManager ? world.Plan.LongestManagerLatency : world.Plan.LongestAgentLatency;
        return longest * ((0.1 + (0.9 * random.NextDouble())) * Slowness);
    }

    /// <summary>A call, or its answer: while the way is cut it comes to nothing.</summary>
    public void Call(Endpoint from, Endpoint to, Action arrives)
    {
        if (!IsCut(from, to)) world.Queue.Schedule(Latency(from, to), arrives);
    }

    /// <summary>Consensus messages travel as bytes; <paramref name="lost"/> is called when one did not arrive.</summary>
    public void Send(Endpoint from, Endpoint to, RaftMessage message, Action<RaftMessage> deliver, Action? lost = null)
    {
        if (IsCut(from, to) || random.Happens(Loss))
        {
            world.Counts.Add("network: message lost");
            if (lost is not null) world.Queue.Schedule(Latency(from, to) * 4, lost);
            return;
        }

        _encoded.ResetWrittenCount();
        RaftMessageCodec.Encode(message, _encoded);
        byte[] bytes = _encoded.WrittenSpan.ToArray();
        world.Queue.Schedule(Latency(from, to), () => deliver(RaftMessageCodec.Decode(bytes)));
        if (!random.Happens(Loss)) return;
        world.Counts.Add("network: message twice");
        world.Queue.Schedule(Latency(from, to) * 4, () => deliver(RaftMessageCodec.Decode(bytes)));
    }
}
