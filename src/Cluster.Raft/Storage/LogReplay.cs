namespace Cluster.Raft.Storage;

/// <summary>Folds the batches of a log, oldest first, into what it holds. What cannot follow from what came before is damage.</summary>
internal sealed class LogReplay
{
    private readonly List<LogEntry> _entries = [];
    private LogPosition? _before;

    public HardState HardState { get; private set; }

    public SnapshotMark? Mark { get; private set; }

    /// <exception cref="InvalidDataException">It does not fit.</exception>
    public void Apply(PersistBatch batch)
    {
        if (batch.Snapshot is { } mark)
            Apply(mark);
        foreach (var entry in batch.Entries)
            Apply(entry);
        HardState = batch.HardState ?? HardState;
    }

    /// <exception cref="InvalidDataException">It does not add up.</exception>
    public (LogPosition Begin, IReadOnlyList<LogEntry> Entries) Finish()
    {
        var snapshot = Mark?.Position ?? LogPosition.Zero;
        if (_entries.Count == 0)
            return (snapshot, []);
        var first = _entries[0];
        if (first.Index > snapshot.Index + 1)
            throw new InvalidDataException($"the log begins at {first.Position}, after the snapshot {snapshot}");
        if (_entries[^1].Index < snapshot.Index)
            throw new InvalidDataException($"the log ends at {_entries[^1].Position}, before the snapshot {snapshot}");
        if (snapshot.Index >= first.Index && _entries[(int)(snapshot.Index - first.Index)].Term != snapshot.Term)
            throw new InvalidDataException($"the log holds another entry than the snapshot {snapshot}");
        if (first.Index == snapshot.Index + 1)
            return (snapshot, _entries);
        if (first.Index == 1)
            return (LogPosition.Zero, _entries);

        // What lies before is compacted; if its term is not known any more, the first entry itself is where the log begins.
        if (_before is { } before && before.Index == first.Index - 1)
            return (before, _entries);
        return (first.Position, _entries.GetRange(1, _entries.Count - 1));
    }

    private void Apply(SnapshotMark mark)
    {
        if (Mark is { } earlier && mark.Position.Index < earlier.Position.Index)
            throw new InvalidDataException($"the snapshot {mark.Position} follows the snapshot {earlier.Position}");
        Mark = mark;
        if (mark.ResetsLog)
        {
            _entries.Clear();
            _before = mark.Position;
            return;
        }

        var compacted = _entries.Count == 0 || mark.CompactThrough < _entries[0].Index
            ? 0
            : (int)Math.Min((ulong)_entries.Count, mark.CompactThrough - _entries[0].Index + 1);
        if (compacted == 0)
            return;
        _before = _entries[compacted - 1].Position;
        _entries.RemoveRange(0, compacted);
    }

    private void Apply(LogEntry entry)
    {
        if (_entries.Count == 0)
        {
            if (_before is { } before && entry.Index != before.Index + 1)
                throw new InvalidDataException($"the entry {entry.Position} does not follow {before}");
            _entries.Add(entry);
            return;
        }

        var (first, last) = (_entries[0].Index, _entries[^1].Index);
        if (entry.Index < first && _before is null)
        {
            // It cut the log further back than the oldest segment that is left reaches; a later mark must have compacted what lay before.
            _entries.Clear();
            _entries.Add(entry);
            return;
        }

        if (entry.Index < first || entry.Index > last + 1)
            throw new InvalidDataException($"the entry {entry.Position} does not follow a log from {first} to {last}");
        var keep = (int)(entry.Index - first);
        if (keep > 0 && _entries[keep - 1].Term > entry.Term)
            throw new InvalidDataException($"the entry {entry.Position} follows {_entries[keep - 1].Position}");
        _entries.RemoveRange(keep, _entries.Count - keep);
        _entries.Add(entry);
    }
}
