using Cluster.Store.Sequencing;

namespace Cluster.Benchmarks.Store;

/// <summary>A log that commits all that was proposed when told to.</summary>
internal sealed class CommittingLog : IReplicatedLog
{
    private readonly Queue<(ulong Term, ReadOnlyMemory<byte> Entry)> _proposed = new();

    public Sequencer? Target { get; set; }

    public long Bytes { get; private set; }

    public bool Propose(ulong term, ulong version, ReadOnlyMemory<byte> entry)
    {
        _proposed.Enqueue((term, entry));
        Bytes += entry.Length;
        return true;
    }

    public void Commit()
    {
        while (_proposed.TryDequeue(out (ulong Term, ReadOnlyMemory<byte> Entry) next)) Target!.Apply(next.Term, next.Entry);
    }
}
