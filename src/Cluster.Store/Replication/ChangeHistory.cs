using System.Collections.Immutable;
using Cluster.Model.Time;
using Cluster.Store.Maps;

namespace Cluster.Store.Replication;

/// <summary>The newest committed changes, within limits of batches and rows. Immutable but for <see cref="Append"/> on the owner's copy.</summary>
internal struct ChangeHistory
{
    private SortedMap<ulong, ChangeBatch> _batches;
    private ulong _floor;
    private int _rows;

    /// <summary>A history that knows all changes after <paramref name="version"/>: none yet.</summary>
    public static ChangeHistory StartingAt(ulong version) => new() { _floor = version };

    /// <summary>This history and one batch more; the oldest go when the limits are passed, the newest always stays.</summary>
    public ChangeHistory Append(ChangeBatch batch, int maxBatches, int maxRows)
    {
        ChangeHistory next = this;
        next._batches = _batches.Freeze();
        next._batches.Set(batch.Version, batch);
        next._rows += batch.Changes.Count;
        if (next._batches.Count > maxBatches || next._rows > maxRows) next.Trim(_batches.All(), maxBatches, maxRows);
        next._batches.Freeze();
        return next;
    }

    /// <summary>The version before the first kept change at or after the time. Times rise with versions, so what was dropped matters only when the first kept change is as late.</summary>
    public ulong Before(ClusterTime since, out bool isComplete)
    {
        ulong version = _floor;
        isComplete = _floor == 0;
        foreach (ChangeBatch batch in _batches.All())
        {
            if (batch.Time >= since) return version;
            (version, isComplete) = (batch.Version, true);
        }

        return version;
    }

    public WatchWindow After(ulong version, int maxBatches)
    {
        if (version < _floor) return new(true, []);
        if (version == ulong.MaxValue) return new(false, []);
        return new(false, [.. _batches.Range(version + 1, null).Take(maxBatches)]);
    }

    /// <summary>Drops the oldest of <paramref name="batches"/> until the rest is within the limits.</summary>
    private void Trim(MapRange<ulong, ChangeBatch> batches, int maxBatches, int maxRows)
    {
        foreach (ChangeBatch oldest in batches)
        {
            if (_batches.Count <= maxBatches && _rows <= maxRows) break;
            _batches.Remove(oldest.Version);
            _rows -= oldest.Changes.Count;
            _floor = oldest.Version;
        }
    }
}
