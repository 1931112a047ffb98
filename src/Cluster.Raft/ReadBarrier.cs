namespace Cluster.Raft;

/// <summary>
/// Linearizable reads of a state machine: they wait until it has applied all that was acknowledged before they were asked. All that are asked in
/// one turn share one <see cref="RaftCore.ReadIndex"/>. One thread owns it.
/// </summary>
public sealed class ReadBarrier
{
    private readonly Dictionary<ulong, List<Action<bool>>> _asked = [];
    private readonly PriorityQueue<List<Action<bool>>, ulong> _confirmed = new();
    private List<Action<bool>> _fresh = [];
    private ulong _lastToken;

    /// <summary>Asks for a read. It is told false when no leader confirmed it: then it may be asked again.</summary>
    public void Add(Action<bool> read) => _fresh.Add(read);

    /// <summary>The token to ask Raft with for all that were added since the last call; null when there are none.</summary>
    public ulong? Begin()
    {
        if (_fresh.Count == 0) return null;
        _asked.Add(++_lastToken, _fresh);
        _fresh = [];
        return _lastToken;
    }

    /// <summary>Raft's answers.</summary>
    public void Take(IReadOnlyList<ReadResult> results)
    {
        foreach (ReadResult result in results)
        {
            if (!_asked.Remove(result.Token, out List<Action<bool>>? reads)) continue;
            if (result.Confirmed) _confirmed.Enqueue(reads, result.Index);
            else reads.ForEach(read => read(false));
        }
    }

    /// <summary>The state machine stands at this index.</summary>
    public void Applied(ulong index)
    {
        while (_confirmed.TryPeek(out List<Action<bool>>? reads, out ulong needed) && needed <= index)
        {
            _confirmed.Dequeue();
            reads.ForEach(read => read(true));
        }
    }
}
