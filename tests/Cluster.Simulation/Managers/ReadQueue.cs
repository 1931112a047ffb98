using Cluster.Raft;

namespace Cluster.Simulation.Managers;

/// <summary>The twin of the manager's read barrier: reads that wait until all is applied that was acknowledged before they were asked.</summary>
internal sealed class ReadQueue
{
    private readonly Dictionary<ulong, List<Action<bool>>> _asked = [];
    private readonly PriorityQueue<List<Action<bool>>, ulong> _confirmed = new();
    private List<Action<bool>> _fresh = [];
    private ulong _lastToken;

    public void Add(Action<bool> read) => _fresh.Add(read);

    /// <summary>One question to consensus for all that were asked in a turn.</summary>
    public ulong? Begin()
    {
        if (_fresh.Count == 0) return null;
        _asked.Add(++_lastToken, _fresh);
        _fresh = [];
        return _lastToken;
    }

    public void Take(IReadOnlyList<ReadResult> results)
    {
        foreach (ReadResult result in results)
        {
            if (!_asked.Remove(result.Token, out List<Action<bool>>? reads)) continue;
            if (result.Confirmed) _confirmed.Enqueue(reads, result.Index);
            else reads.ForEach(read => read(false));
        }
    }

    public void Applied(ulong index)
    {
        while (_confirmed.TryPeek(out List<Action<bool>>? reads, out ulong needed) && needed <= index)
        {
            _confirmed.Dequeue();
            reads.ForEach(read => read(true));
        }
    }
}
