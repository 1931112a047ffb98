using Cluster.Model.Ids;

namespace Cluster.Control.Dispatch;

/// <summary>
/// How far the nodes' wall clocks are from the leader's, from samples that come with their signs of life. A message that was long on its way
/// makes a clock look slow, never fast, so of the last samples the highest is believed. One owner, one thread.
/// </summary>
public sealed class ClockSkews
{
    private const int MaxSamples = 30;
    private const int MinSamples = 5;

    /// <summary>Less is not worth a change of the node's row.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Unit = TimeSpan.FromMilliseconds(10);

    /// <summary>Further apart no two clocks are that are set at all; a node may say what it likes.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromTicks(DateTime.MaxValue.Ticks);

    /// <summary>From here on certificates, logs and people are misled.</summary>
    public static readonly TimeSpan Alarming = TimeSpan.FromSeconds(2);

    private readonly Dictionary<NodeId, Queue<TimeSpan>> _samples = [];

    /// <summary>What the node's row should say now; null: it is right, or too little is known.</summary>
    public TimeSpan? Heard(NodeId node, TimeSpan sample, TimeSpan stored)
    {
        if (!_samples.TryGetValue(node, out Queue<TimeSpan>? samples)) _samples[node] = samples = new(MaxSamples);
        if (samples.Count == MaxSamples) samples.Dequeue();
        samples.Enqueue(sample > Longest ? Longest : sample < -Longest ? -Longest : sample);
        if (samples.Count < MinSamples) return null;
        TimeSpan highest = samples.Max();
        return (highest - stored).Duration() < Resolution ? null : new TimeSpan(highest.Ticks / Unit.Ticks * Unit.Ticks);
    }

    public void Forget(NodeId node) => _samples.Remove(node);
}
