using Cluster.Api.Codec;
using Cluster.Model;
using Cluster.Model.Time;
using Cluster.Store.Rows;

namespace Cluster.Store.Replication;

/// <summary>
/// One member's copy of the committed state. Entries are applied on one thread, in the log's order; everything public that reads may
/// be called from any thread and sees a state and its history that belong together. Replicas that applied the same entries are equal.
/// </summary>
public sealed class StoreReplica
{
    private readonly StoreReplicaOptions _options;
    private volatile ReplicaState _state;

    public StoreReplica(StoreReplicaOptions options)
        : this(options, StoreSnapshot.Empty)
    {
    }

    public StoreReplica(StoreReplicaOptions options, StoreSnapshot start)
    {
        _options = options;
        _state = new(start, ChangeHistory.StartingAt(start.Version));
    }

    /// <summary>The newest committed state.</summary>
    public StoreSnapshot Committed => _state.Snapshot;

    /// <summary>The committed changes after the version, and how to go on; see <see cref="WatchWindow"/>.</summary>
    public WatchWindow WatchFrom(ulong afterVersion) => _state.After(afterVersion, _options.MaxWindowBatches);

    /// <summary>The version after which the kept changes are all those since the time; older ones may be gone, which <paramref name="isComplete"/> tells.</summary>
    public ulong VersionBefore(ClusterTime since, out bool isComplete) => _state.Before(since, out isComplete);

    /// <summary>
    /// Applies a committed entry, or refuses it when it was not made on the last applied one. Empty data changes nothing.
    /// </summary>
    /// <exception cref="CodecException">A newer version wrote the entry. This member cannot go on.</exception>
    public ApplyResult Apply(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty) return ApplyResult.Skipped;
        StoreEntry entry = EntryCodec.Decode(data.Span);
        StoreSnapshot last = Committed;
        if (entry.PreviousVersion != last.Version || entry.Version <= last.Version || entry.Incarnation < last.Incarnation) return ApplyResult.Skipped;

        Tables tables = last.CopyTables();
        List<Change> changes = EntryRows.Apply(ref tables, entry.Puts, entry.Deletes);
        changes.Sort(ChangeOrder.Compare);
        return Advance(new StoreSnapshot(entry.Version, entry.Incarnation, entry.Time, tables), entry.Actor, changes);
    }

    /// <summary>Replaces the state by a snapshot; watchers of older versions have to list again.</summary>
    public void Restore(StoreSnapshot snapshot) => _state = new(snapshot, ChangeHistory.StartingAt(snapshot.Version));

    /// <summary>Takes over a state that was made here and has been committed, instead of decoding it again.</summary>
    internal ApplyResult Adopt(StoreSnapshot sealedState, ulong previousVersion, string actor, IReadOnlyList<Change> changes)
    {
        Invariant.Check(previousVersion == Committed.Version, "a sealed transaction follows the last committed one");
        return Advance(sealedState, actor, changes);
    }

    private ApplyResult Advance(StoreSnapshot next, string actor, IReadOnlyList<Change> changes)
    {
        Invariant.Check(next.Time >= Committed.Time, "cluster time does not go backwards");
        ChangeBatch batch = new(Committed.Version, next.Version, next.Time, actor, changes);
        _state = _state.Append(next, batch, _options);
        return new(batch);
    }

    /// <summary>A state with the history that leads to it; replaced as a whole.</summary>
    private sealed class ReplicaState(StoreSnapshot snapshot, ChangeHistory history)
    {
        private ChangeHistory _history = history;

        public StoreSnapshot Snapshot => snapshot;

        public WatchWindow After(ulong version, int maxBatches) => _history.After(version, maxBatches);

        public ulong Before(ClusterTime since, out bool isComplete) => _history.Before(since, out isComplete);

        public ReplicaState Append(StoreSnapshot next, ChangeBatch batch, StoreReplicaOptions options) =>
            new(next, _history.Append(batch, options.MaxHistoryBatches, options.MaxHistoryRows));
    }
}
