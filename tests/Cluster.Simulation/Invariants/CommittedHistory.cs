using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Snapshots;

namespace Cluster.Simulation.Invariants;

/// <summary>
/// Everything that was ever committed, as the first manager that applied it saw it: one chain. Whatever any manager applies or restores
/// must be a part of it, so nothing that was committed can be lost or replaced.
/// </summary>
internal sealed class CommittedHistory(SimulationWorld world, RowChecks rows)
{
    /// <summary>The clocks of managers are off by two minutes at most, and cluster time goes on while it waits for them.</summary>
    private static readonly TimeSpan FurthestTime = TimeSpan.FromMinutes(10);

    private readonly Dictionary<ulong, (ChangeBatch Batch, StoreSnapshot State)> _versions = [];
    private readonly Dictionary<RequestId, (StoreSnapshot State, UInt128 ObjectId)> _requests = [];
    private readonly Dictionary<ulong, byte[]> _digests = [];
    private readonly HashSet<ServiceId> _mayEnd = [];

    /// <summary>The newest state that any manager has applied.</summary>
    public StoreSnapshot Head { get; private set; } = StoreSnapshot.Empty;

    /// <summary>The state right after the change that this request made; null: it made none.</summary>
    public StoreSnapshot? AfterRequest(RequestId request) => _requests.GetValueOrDefault(request).State;

    /// <summary>The object that the answer to this request names; null: it has had no effect.</summary>
    public UInt128? ObjectOfRequest(RequestId request) => _requests.TryGetValue(request, out var found) ? found.ObjectId : null;

    /// <summary>Whether the service ever had a restart policy that does not restart every task: then a slot may be only a memory.</summary>
    public bool MayEnd(ServiceId service) => _mayEnd.Contains(service);

    public void Applied(string manager, ChangeBatch batch, StoreSnapshot state)
    {
        if (_versions.TryGetValue(batch.Version, out (ChangeBatch Batch, StoreSnapshot State) known))
        {
            RequireEqual(manager, known.Batch, batch);
            return;
        }

        BreachException.Require(
            batch.PreviousVersion == Head.Version,
            Breach.ReplicasDiffer,
            $"{manager} applies v{batch.Version} on v{batch.PreviousVersion}, but v{Head.Version} is committed");
        BreachException.Require(
            batch.Time.IsNone || (batch.Time - world.Queue.Now).Duration() < FurthestTime, Breach.RowsInconsistent, $"v{batch.Version} is of cluster time {batch.Time}, at {world.Queue.Now}");
        _versions[batch.Version] = (batch, state);
        StoreSnapshot before = Head;
        Head = state;
        NoteRows(batch, state);
        rows.Check(before, batch, state);
        world.Counts.Add("store: versions");
    }

    /// <summary>A manager has read a snapshot.</summary>
    public void CheckRestored(string manager, StoreSnapshot state)
    {
        world.Counts.Add("store: snapshot read");
        CheckState(manager, state);
    }

    /// <summary>The state of a manager is that of the history at its version.</summary>
    public void CheckState(string manager, StoreSnapshot state)
    {
        if (state.Version == 0) return;
        BreachException.Require(_versions.TryGetValue(state.Version, out (ChangeBatch Batch, StoreSnapshot State) known), Breach.ReplicasDiffer, $"{manager} is at v{state.Version}, which was never committed");
        if (ReferenceEquals(known.State, state)) return;
        BreachException.Require(
            DigestOf(known.State).AsSpan().SequenceEqual(SnapshotWriter.Digest(state)),
            Breach.ReplicasDiffer,
            $"{manager} has another state at v{state.Version} than the manager that applied it first");
    }

    private byte[] DigestOf(StoreSnapshot known) =>
        _digests.TryGetValue(known.Version, out byte[]? digest) ? digest : _digests[known.Version] = SnapshotWriter.Digest(known);

    private static void RequireEqual(string manager, ChangeBatch known, ChangeBatch batch)
    {
        bool isEqual = known.PreviousVersion == batch.PreviousVersion && known.Time == batch.Time && known.Actor == batch.Actor && known.Changes.SequenceEqual(batch.Changes);
        if (isEqual) return;
        Change? first = batch.Changes.Except(known.Changes).Select(c => (Change?)c).FirstOrDefault() ?? known.Changes.Except(batch.Changes).Select(c => (Change?)c).FirstOrDefault();
        throw new BreachException(Breach.ReplicasDiffer, $"{manager} applies another v{batch.Version} than was committed before; they differ in {first}");
    }

    private void NoteRows(ChangeBatch batch, StoreSnapshot state)
    {
        foreach (Change change in batch.Changes)
        {
            if (change.After is ServiceRecord { Spec.Restart: var restart } service && (restart.Condition != RestartCondition.Any || restart.MaxAttempts > 0)) _mayEnd.Add(service.Id);
            if (change.After is not RequestRecord request) continue;
            BreachException.Require(_requests.TryAdd(request.Id, (state, request.ObjectId)), Breach.AcknowledgedLost, $"request {request.Id} ({request.Operation}) has had its effect twice, again in v{batch.Version}");
        }
    }
}
