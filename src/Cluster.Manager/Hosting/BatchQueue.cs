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
    private bool _isClosed;

    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _waiting.Count == 0;
        }
    }

    public void Add(PersistBatch batch)
    {
        lock (_lock)
        {
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

    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.Pulse(_lock);
        }
    }
}
