using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Time;
using Cluster.Store.Rows;

namespace Cluster.Store;

/// <summary>
/// Changes on top of a snapshot, not yet visible to anyone else. Owned by one thread until it is sealed. Reads see its own writes. A
/// put stamps the row's <see cref="ObjectMeta"/> at once (what the caller gives there is ignored); a row that is put as it was before
/// the transaction counts as unchanged. Broken keys and unique indexes are bugs (<see cref="InvariantException"/>): commands check first.
/// </summary>
public sealed partial class WorkingTransaction : StoreView
{
    private readonly StoreSnapshot _basis;
    private Delta _delta;
    private List<Change>? _changes;
    private StoreSnapshot? _sealed;

    public WorkingTransaction(StoreSnapshot basis, ClusterTime now)
        : this(basis, now, basis.Version + 1)
    {
    }

    internal WorkingTransaction(StoreSnapshot basis, ClusterTime now, ulong nextVersion)
        : base(basis.Version, basis.Incarnation, basis.Time)
    {
        Invariant.Check(now >= basis.Time, "cluster time does not go backwards");
        Invariant.Check(nextVersion > basis.Version, "versions grow");
        _basis = basis;
        _tables = basis.CopyTables();
        Now = now;
        NextVersion = nextVersion;
    }

    /// <summary>The version that the state gets when this transaction is committed.</summary>
    public ulong NextVersion { get; }

    /// <summary>The cluster time of the transaction.</summary>
    public ClusterTime Now { get; }

    /// <summary>What the transaction started from.</summary>
    public StoreSnapshot Basis => _basis;

    public bool IsEmpty => _delta.Count == 0;

    /// <summary>The net effect by table and key: a row that was created and deleted again is not in it. A copy as of the call.</summary>
    public IReadOnlyList<Change> Changes => _changes ??= _delta.ToList();

    public Savepoint Mark()
    {
        CheckOpen();
        return new(this, _tables.Freeze(), _delta.Freeze());
    }

    /// <summary>Undoes everything since the mark.</summary>
    public void RollbackTo(Savepoint savepoint)
    {
        CheckOpen();
        Invariant.Check(ReferenceEquals(savepoint.Owner, this), "a savepoint belongs to its transaction");
        _tables = savepoint.Tables;
        _delta = savepoint.Delta;
        _changes = null;
    }

    /// <summary>Ends the transaction: the state that it makes, which is the basis if it is empty.</summary>
    public StoreSnapshot Seal() =>
        _sealed ??= IsEmpty ? _basis : new StoreSnapshot(NextVersion, Incarnation, Now, _tables);

    private void CheckOpen() => Invariant.Check(_sealed is null, "a sealed transaction is not written to");

    private void Changing()
    {
        CheckOpen();
        _changes = null;
    }

    private ObjectMeta Stamp(ObjectMeta? before) =>
        before is { } meta ? meta with { Version = NextVersion, UpdatedAt = Now } : new(NextVersion, NextVersion, Now, Now);
}
