using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;

namespace Cluster.Manager.Hosting;

/// <summary>Turns, of which one runs at a time, and the thread of the disk.</summary>
internal sealed partial class RaftHost
{
    private const int MaxInputsInATurn = 1_024;

    /// <summary>A thread that has run so many turns for others leaves the next to the pool.</summary>
    private const int MaxTurnsInARow = 8;

    private void Tick()
    {
        // At most one tick waits in the queue: a loop that was held up catches up with one input.
        if (Interlocked.Increment(ref _ticksDue) != 1) return;
        if (!_inputs.Writer.TryWrite(_runTicks)) Interlocked.Exchange(ref _ticksDue, 0);
        TryRunTurns();
    }

    private void RunTicks(RaftCore core)
    {
        // After a long pause (a stopped machine) more than one election's worth of ticks would only unseat a good leader.
        int due = Math.Min(Interlocked.Exchange(ref _ticksDue, 0), 5);
        for (int i = 0; i < due; i++) core.Tick();
    }

    private bool HasWork => _inputs.Reader.TryPeek(out _) || Volatile.Read(ref _persisted) != _persistedTaken || _isStopping;

    /// <summary>Runs turns until there is nothing to do, unless another thread does so: then that sees what was posted.</summary>
    private void TryRunTurns()
    {
        if (Interlocked.CompareExchange(ref _turnIsTaken, 1, 0) == 0) RunTurns();
    }

    /// <summary>Only by who has taken the turn.</summary>
    private void RunTurns()
    {
        for (int turns = 0; ; turns++)
        {
            if (_isStopping)
            {
                // The turn stays taken: nobody touches the core any more.
                _turnsEnded.TrySetResult();
                return;
            }

            if (turns == MaxTurnsInARow)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static host => host.RunTurns(), this, preferLocal: false);
                return;
            }

            try
            {
                RunTurn();
            }
            catch (Exception e)
            {
                _turnsEnded.TrySetException(e);
                return;
            }

            if (HasWork) continue;

            // Given back before looking again, so that what is posted meanwhile is seen by one of the two.
            Interlocked.Exchange(ref _turnIsTaken, 0);
            if (!HasWork || Interlocked.CompareExchange(ref _turnIsTaken, 1, 0) != 0) return;
        }
    }

    private void RunTurn()
    {
        for (int i = 0; i < MaxInputsInATurn && _inputs.Reader.TryRead(out object? input); i++) Take(input);
        ulong persisted = Volatile.Read(ref _persisted);
        if (persisted != _persistedTaken) _core.Persisted(_persistedTaken = persisted);
        CarryOut(_core.TakeReady());
    }

    private void Take(object input)
    {
        if (input is RaftMessage message) _core.Step(message);
        else if (input is Action<RaftCore> action) action(_core);
    }

    private void CarryOut(Ready ready)
    {
        // Opened before a later batch can make the storage remove it.
        RestoredState? restore = ready.Restore is { } metadata ? new(metadata, _storage.OpenSnapshot(metadata)) : null;
        if (ready.Batch is { } batch) _batches.Add(batch);
        Volatile.Write(ref _leader, ready.Leader.Value);
        FollowMembership();
        if (ready.Messages.Count > 0) _transport.Send(ready.Messages);
        Deliver(ready, restore);
    }

    private void FollowMembership()
    {
        _committedMembership = _core.CommittedMembership;
        if (ReferenceEquals(_membership, _core.Membership)) return;
        _membership = _core.Membership;
        _transport.Follow(_membership);
    }

    private void RunDisk()
    {
        List<PersistBatch> together = [];
        while (_batches.TryTake(ref together))
        {
            Volatile.Write(ref _persisted, _storage.Persist(together));
            together.Clear();

            // While more waits to be synced, this thread has better to do than the turn.
            if (_batches.TryRest()) TryRunTurns();
            else ThreadPool.UnsafeQueueUserWorkItem(static host => host.TryRunTurns(), this, preferLocal: false);
        }
    }

    private void Deliver(Ready ready, RestoredState? restore)
    {
        var now = (ready.Term, ready.Role, ready.Leader, ready.LeaderIsEstablished);
        if (restore is null && ready.Committed.Count == 0 && ready.Reads.Count == 0 && now == _told) return;
        _told = now;
        _progressed(new RaftProgress(restore, ready.Committed, ready.Reads, ready.Term, ready.Role, ready.Leader, ready.LeaderIsEstablished));
    }
}
