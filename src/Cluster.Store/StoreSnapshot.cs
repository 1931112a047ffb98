using Cluster.Model.Time;
using Cluster.Store.Rows;

namespace Cluster.Store;

/// <summary>All rows at one version. Immutable, may be read on any thread, and shares what did not change with other versions.</summary>
public sealed class StoreSnapshot : StoreView
{
    /// <summary>The state before the first entry.</summary>
    public static readonly StoreSnapshot Empty = new(0, 1, ClusterTime.Zero, default);

    internal StoreSnapshot(ulong version, ulong incarnation, ClusterTime time, Tables tables)
        : base(version, incarnation, time) => _tables = tables.Freeze();

    /// <summary>
    /// The same rows at the beginning of another history: what was written in an earlier incarnation since then does not count any more. Its
    /// versions begin beyond all of the earlier one (incarnations are seconds, and no cluster makes a million changes in each), so that a
    /// change or a watch that goes by a version that is lost is not taken for one that goes by a version of the same number.
    /// </summary>
    public StoreSnapshot BeginIncarnation(ulong incarnation)
    {
        Model.Invariant.Check(incarnation > Incarnation, "incarnations grow");
        return new StoreSnapshot(Math.Max(Version, incarnation << 20), incarnation, Time, CopyTables());
    }

    /// <summary>A copy to write to.</summary>
    internal Tables CopyTables() => _tables.Freeze();
}
