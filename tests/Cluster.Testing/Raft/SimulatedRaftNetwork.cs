using Cluster.Raft;
using Cluster.Raft.Messages;

namespace Cluster.Testing.Raft;

/// <summary>Loses, repeats, delays and so reorders messages; cuts links, also in one direction only. Messages travel as bytes.</summary>
public sealed class SimulatedRaftNetwork(VirtualTimeline timeline, Random random, RaftCoverage coverage)
{
    private readonly HashSet<(MemberId From, MemberId To)> _cut = [];

    public double Loss { get; set; }

    public double Duplication { get; set; }

    public int MinDelay { get; set; } = 1;

    public int MaxDelay { get; set; } = 5;

    /// <param name="message">What is sent.</param>
    /// <param name="deliver">Called once per arrival.</param>
    /// <param name="lost">Called when the message did not arrive at all.</param>
    public void Send(RaftMessage message, Action<RaftMessage> deliver, Action? lost = null)
    {
        if (_cut.Contains((message.From, message.To)) || random.NextDouble() < Loss)
        {
            coverage.Count("lost");
            if (lost is not null)
                timeline.After(MaxDelay, lost);
            return;
        }

        var bytes = RaftMessageCodec.Encode(message);
        timeline.After(random.Next(MinDelay, MaxDelay + 1), () => deliver(RaftMessageCodec.Decode(bytes)));
        if (random.NextDouble() >= Duplication)
            return;
        coverage.Count("duplicated");
        timeline.After(random.Next(MinDelay, (4 * MaxDelay) + 1), () => deliver(RaftMessageCodec.Decode(bytes)));
    }

    public void Cut(MemberId from, MemberId to) => _cut.Add((from, to));

    public void Heal() => _cut.Clear();
}
