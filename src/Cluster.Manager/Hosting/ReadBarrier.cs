using Cluster.Raft;

namespace Cluster.Manager.Hosting;

/// <summary>
/// Reads that wait until this manager has applied all that was acknowledged before they were asked. All that are asked in one turn of the
/// control thread share one question to Raft. Owned by the control thread.
/// </summary>
/// <param name="answers">Given after the state is published.</param>
internal sealed class ReadBarrier(List<Action> answers)
{
    private readonly Dictionary<ulong, List<TaskCompletionSource<bool>>> _asked = [];
    private readonly PriorityQueue<List<TaskCompletionSource<bool>>, ulong> _confirmed = new();
    private List<TaskCompletionSource<bool>> _fresh = [];
    private ulong _lastToken;

    /// <summary>The answer is false when no leader confirmed it.</summary>
    public void Add(TaskCompletionSource<bool> read) => _fresh.Add(read);

    /// <summary>The token to ask Raft with for all that were added since the last call; null when there are none.</summary>
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
            if (!_asked.Remove(result.Token, out List<TaskCompletionSource<bool>>? reads)) continue;
            if (result.Confirmed) _confirmed.Enqueue(reads, result.Index);
            else answers.Add(() => reads.ForEach(read => read.TrySetResult(false)));
        }
    }

    /// <summary>The state up to this index is published.</summary>
    public void Applied(ulong index)
    {
        while (_confirmed.TryPeek(out List<TaskCompletionSource<bool>>? reads, out ulong needed) && needed <= index)
        {
            _confirmed.Dequeue();
            answers.Add(() => reads.ForEach(read => read.TrySetResult(true)));
        }
    }
}
