using Cluster.Raft;

namespace Cluster.Manager.Hosting;

/// <summary>
/// What Raft's loop hands to the disk's thread. Adding never waits, or a disk that hangs would stop the heartbeats too. What can gather
/// here is bounded by the core: a leader stops at its limit of uncommitted bytes and resigns after a stall, and gives a follower no more
/// than a window without answers.
/// </summary>
internal sealed class BatchQueue
{
    private readonly object _lock = new();
    private List<PersistBatch> _waiting = [];
    private volatile bool _isBusy;
    private bool _isClosed;

    /// <summary>Whether a batch waits or is being synced: what is added now waits for that.</summary>
    public bool IsBusy => _isBusy;

    public void Add(PersistBatch batch)
    {
        lock (_lock)
        {
            _isBusy = true;
            _waiting.Add(batch);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Waits for batches and takes all there are, in exchange for an empty list; false when the queue is closed.</summary>
    public bool TryTake(ref List<PersistBatch> batches)
    {
        lock (_lock)
        {
            while (_waiting.Count == 0 && !_isClosed) Monitor.Wait(_lock);
            if (_isClosed) return false;
            (batches, _waiting) = (_waiting, batches);
            return true;
        }
    }

    /// <summary>What was taken is synced.</summary>
    /// <returns>Whether nothing else waits.</returns>
    public bool TryRest()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0) _isBusy = false;
            return !_isBusy;
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.Pulse(_lock);
        }
    }
}
