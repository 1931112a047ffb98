using Cluster.Store.Sequencing;

namespace Cluster.Benchmarks.Store;

/// <summary>A log that commits all that was proposed when told to.</summary>
internal sealed class CommittingLog : IReplicatedLog
{
    private readonly Queue<(ulong Term, ReadOnlyMemory<byte> Entry)> _proposed = new();

    public Sequencer? Target { get; set; }

    public long Bytes { get; private set; }

    public int Entries { get; private set; }

    /// <summary>Whether what was committed stays in <see cref="Committed"/>.</summary>
    public bool Keep { get; set; }

    public List<ReadOnlyMemory<byte>> Committed { get; } = [];

    public bool Propose(ulong term, ulong version, ReadOnlyMemory<byte> entry)
    {
        _proposed.Enqueue((term, entry));
        Bytes += entry.Length;
        Entries++;
        if (Keep) Committed.Add(entry);
        return true;
    }

    public void Commit()
    {
        while (_proposed.TryDequeue(out (ulong Term, ReadOnlyMemory<byte> Entry) next)) Target!.Apply(next.Term, next.Entry);
    }
}
