using Cluster.Raft;

namespace Cluster.Testing.Raft;

/// <summary>What batches add up to, computed in the plainest way: a model that storages are compared with.</summary>
public sealed class DurableLog
{
    private readonly List<LogEntry> _entries = [];

    public HardState HardState { get; private set; }

    public LogPosition Begin { get; private set; }

    public SnapshotMark? Mark { get; private set; }

    public ulong LastIndex => Begin.Index + (ulong)_entries.Count;

    public ulong LastTerm => _entries.Count > 0 ? _entries[^1].Term : Begin.Term;

    public IReadOnlyList<LogEntry> Entries => _entries;

    public void Apply(PersistBatch batch)
    {
        if (batch.Snapshot is { } mark)
            Apply(mark);
        foreach (var entry in batch.Entries)
        {
            var at = checked((int)(entry.Index - Begin.Index - 1));
            if (at > _entries.Count)
                throw new InvalidOperationException($"Entry {entry.Position} leaves a gap after {LastIndex}.");
            _entries.RemoveRange(at, _entries.Count - at);
            _entries.Add(entry);
        }

        HardState = batch.HardState ?? HardState;
    }

    /// <summary>Whether the entry, or a snapshot after it, is there.</summary>
    public bool Covers(LogPosition position)
    {
        if (position.Index <= Begin.Index)
            return position.Index < Begin.Index || position.Term == Begin.Term;
        return position.Index <= LastIndex && _entries[(int)(position.Index - Begin.Index - 1)].Term == position.Term;
    }

    private void Apply(SnapshotMark mark)
    {
        Mark = mark;
        if (mark.ResetsLog)
        {
            _entries.Clear();
            Begin = mark.Position;
            return;
        }

        if (!Covers(mark.Position))
            throw new InvalidOperationException($"The log does not hold the snapshot's position {mark.Position}.");
        if (Begin.Index >= mark.CompactThrough)
            return;
        var count = checked((int)(mark.CompactThrough - Begin.Index));
        Begin = _entries[count - 1].Position;
        _entries.RemoveRange(0, count);
    }
}
