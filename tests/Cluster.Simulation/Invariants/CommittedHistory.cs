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

    private readonly Dictionary<(ulong Incarnation, ulong Version), (ChangeBatch? Batch, StoreSnapshot State)> _versions = [];
    private readonly Dictionary<RequestId, (StoreSnapshot State, UInt128 ObjectId)> _requests = [];
    private readonly List<StoreSnapshot> _states = [];
    private readonly HashSet<ServiceId> _mayEnd = [];

    /// <summary>The newest state that any manager has applied.</summary>
    public StoreSnapshot Head { get; private set; } = StoreSnapshot.Empty;

    /// <summary>A restore has taken back what was committed and acknowledged.</summary>
    public bool WasRewound { get; private set; }

    /// <summary>The states of this incarnation, oldest first.</summary>
    public IReadOnlyList<StoreSnapshot> States => _states;

    /// <summary>The state right after the change that this request made; null: it made none.</summary>
    public StoreSnapshot? AfterRequest(RequestId request) => _requests.GetValueOrDefault(request).State;

    /// <summary>The object that the answer to this request names; null: it has had no effect.</summary>
    public UInt128? ObjectOfRequest(RequestId request) => _requests.TryGetValue(request, out var found) ? found.ObjectId : null;

    /// <summary>Whether the service ever had a restart policy that does not restart every task: then a slot may be only a memory.</summary>
    public bool MayEnd(ServiceId service) => _mayEnd.Contains(service);

    public void Applied(string manager, ChangeBatch batch, StoreSnapshot state)
    {
        if (Knows(manager, batch, state.Incarnation)) return;
        if (state.Incarnation < Head.Incarnation)
        {
            // A manager of a group that is over learns late what was decided there.
            world.Counts.Add("restore: late entry of a group that is over");
            return;
        }

        BreachException.Require(
            batch.PreviousVersion == Head.Version,
            Breach.ReplicasDiffer,
            $"{manager} applies v{batch.Version} on v{batch.PreviousVersion}, but v{Head.Version} is committed");
        BreachException.Require(
            batch.Time.IsNone || (batch.Time - world.Queue.Now).Duration() < FurthestTime, Breach.RowsInconsistent, $"v{batch.Version} is of cluster time {batch.Time}, at {world.Queue.Now}");
        StoreSnapshot before = Head;
        Add(batch, state);
        NoteRows(batch, state);
        rows.Check(before, batch, state);
        world.Counts.Add("store: versions");
    }

    /// <summary>Whether this change, and no other one of its version, is in the history.</summary>
    public bool IsCommitted(ChangeBatch batch, ulong incarnation) =>
        _versions.TryGetValue((incarnation, batch.Version), out (ChangeBatch? Batch, StoreSnapshot State) known) && known.Batch is { } other && IsSame(other, batch);

    /// <summary>The cluster goes on in another incarnation, with a state that differs from <paramref name="recovered"/> in who is a manager.</summary>
    /// <param name="start">What it begins with.</param>
    /// <param name="recovered">What was found.</param>
    /// <param name="common">Up to here it is the history; null: it is all of it, and perhaps more.</param>
    public void BeginIncarnation(StoreSnapshot start, StoreSnapshot recovered, ulong? common)
    {
        if (common is { } last)
        {
            WasRewound = true;
            foreach ((RequestId id, (StoreSnapshot state, _)) in _requests.ToArray())
            {
                if (state.Incarnation == recovered.Incarnation && state.Version > last) _requests.Remove(id);
            }
        }

        foreach (RequestRecord request in recovered.Requests) _requests.TryAdd(request.Id, (start, request.ObjectId));
        _states.Clear();
        Add(null, start);
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
        if (StateOf(manager, state) is not { } known || ReferenceEquals(known, state)) return;
        string? difference = StateComparison.Difference(known, state);
        BreachException.Require(difference is null, Breach.ReplicasDiffer, $"{manager} has another state at v{state.Version} than the manager that applied it first: {difference}");
    }

    /// <summary>The same, by the bytes that a snapshot of it would have.</summary>
    public void CheckBytes(string manager, StoreSnapshot state)
    {
        if (StateOf(manager, state) is not { } known || ReferenceEquals(known, state)) return;
        BreachException.Require(
            SnapshotWriter.Digest(known).AsSpan().SequenceEqual(SnapshotWriter.Digest(state)),
            Breach.ReplicasDiffer,
            $"{manager} has other bytes at v{state.Version} than the manager that applied it first");
    }

    /// <summary>Whether the change is in the history; then it is the same there.</summary>
    private bool Knows(string manager, ChangeBatch batch, ulong incarnation)
    {
        if (!_versions.TryGetValue((incarnation, batch.Version), out (ChangeBatch? Batch, StoreSnapshot State) known)) return false;
        BreachException.Require(known.Batch is not null, Breach.ReplicasDiffer, $"{manager} applies v{batch.Version}, with which incarnation {incarnation} began");
        RequireEqual(manager, known.Batch!, batch);
        return true;
    }

    private StoreSnapshot? StateOf(string manager, StoreSnapshot state)
    {
        if (state.Version == 0) return null;
        if (_versions.TryGetValue((state.Incarnation, state.Version), out (ChangeBatch? Batch, StoreSnapshot State) known)) return known.State;
        BreachException.Require(state.Incarnation < Head.Incarnation, Breach.ReplicasDiffer, $"{manager} is at v{state.Version}, which was never committed");
        return null;
    }

    private void Add(ChangeBatch? batch, StoreSnapshot state)
    {
        _versions[(state.Incarnation, state.Version)] = (batch, state);
        _states.Add(state);
        Head = state;
    }

    private static bool IsSame(ChangeBatch known, ChangeBatch batch) =>
        known.PreviousVersion == batch.PreviousVersion && known.Time == batch.Time && known.Actor == batch.Actor && known.Changes.SequenceEqual(batch.Changes);

    private static void RequireEqual(string manager, ChangeBatch known, ChangeBatch batch)
    {
        if (IsSame(known, batch)) return;
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
