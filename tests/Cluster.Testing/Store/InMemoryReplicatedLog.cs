using Cluster.Store.Sequencing;

namespace Cluster.Testing.Store;

/// <summary>
/// Consensus without members: keeps proposals until it is told to commit or to lose them. The twin of the log on Raft for tests of
/// what is built on <see cref="IReplicatedLog"/>.
/// </summary>
public sealed class InMemoryReplicatedLog : IReplicatedLog
{
    private readonly Queue<(ulong Term, ulong Version, ReadOnlyMemory<byte> Entry)> _proposed = new();
    private ulong _term;

    /// <summary>What commits, in order, with the term of each; empty data is a leader's first entry.</summary>
    public List<(ulong Term, ReadOnlyMemory<byte> Entry)> Committed { get; } = [];

    /// <summary>When false, proposals are not taken.</summary>
    public bool Takes { get; set; } = true;

    public int ProposedCount => _proposed.Count;

    public bool Propose(ulong term, ulong version, ReadOnlyMemory<byte> entry)
    {
        if (!Takes || term != _term) return false;
        _proposed.Enqueue((term, version, entry));
        return true;
    }

    /// <summary>A new leader's first entry; what was proposed before and is not committed is lost, unless it was committed before this call.</summary>
    public void BeginTerm(ulong term)
    {
        _proposed.Clear();
        _term = term;
        Committed.Add((term, ReadOnlyMemory<byte>.Empty));
    }

    /// <summary>Takes no more proposals and loses those that are not committed.</summary>
    public void EndTerm()
    {
        _proposed.Clear();
        _term = 0;
    }

    /// <summary>Commits the oldest proposal; false when there is none.</summary>
    public bool CommitNext()
    {
        if (!_proposed.TryDequeue(out (ulong Term, ulong Version, ReadOnlyMemory<byte> Entry) next)) return false;
        Committed.Add((next.Term, next.Entry.ToArray()));
        return true;
    }

    /// <summary>Loses the oldest proposal and returns its version; null when there is none.</summary>
    public (ulong Term, ulong Version)? LoseNext() =>
        _proposed.TryDequeue(out (ulong Term, ulong Version, ReadOnlyMemory<byte> Entry) next) ? (next.Term, next.Version) : null;
}
