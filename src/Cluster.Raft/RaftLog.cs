namespace Cluster.Raft;

/// <summary>
/// The log in memory, from the compacted beginning to the end. Holds no more than what a host's snapshots leave: see
/// <see cref="RaftOptions.TrailingEntries"/>.
/// </summary>
internal sealed class RaftLog
{
    private readonly List<LogEntry> _entries;

    /// <param name="begin">The place before the first entry that is kept; its term is known.</param>
    /// <param name="entries">Consecutive, after <paramref name="begin"/>.</param>
    public RaftLog(LogPosition begin, IReadOnlyList<LogEntry> entries)
    {
        Begin = begin;
        _entries = new List<LogEntry>(entries.Count);
        foreach (var entry in entries)
            Append(entry);
    }

    public LogPosition Begin { get; private set; }

    public LogPosition Last => _entries.Count == 0 ? Begin : _entries[^1].Position;

    public ulong LastIndex => Begin.Index + (ulong)_entries.Count;

    public int Count => _entries.Count;

    /// <summary>Null for what was compacted or does not exist yet.</summary>
    public ulong? TermAt(ulong index)
    {
        if (index == Begin.Index)
            return Begin.Term;
        return index > Begin.Index && index <= LastIndex ? this[index].Term : null;
    }

    public bool Holds(LogPosition position) => TermAt(position.Index) == position.Term;

    public LogEntry this[ulong index] => _entries[(int)(index - Begin.Index - 1)];

    public void Append(LogEntry entry)
    {
        var last = Last;
        Invariant.Check(entry.Index == last.Index + 1);
        Invariant.Check(entry.Term >= last.Term);
        _entries.Add(entry);
    }

    public void TruncateFrom(ulong index)
    {
        Invariant.Check(index > Begin.Index && index <= LastIndex);
        var keep = (int)(index - Begin.Index - 1);
        _entries.RemoveRange(keep, _entries.Count - keep);
    }

    /// <summary>From <paramref name="first"/> to <paramref name="last"/>, both included, up to a size; at least one.</summary>
    public IReadOnlyList<LogEntry> Slice(ulong first, ulong last, long maxBytes)
    {
        last = Math.Min(last, LastIndex);
        if (first > last)
            return [];
        Invariant.Check(first > Begin.Index);
        var start = (int)(first - Begin.Index - 1);
        var end = (int)(last - Begin.Index - 1);
        var count = 0;
        for (long bytes = 0; start + count <= end; count++)
        {
            bytes += _entries[start + count].Size;
            if (bytes > maxBytes && count > 0)
                break;
        }

        return _entries.GetRange(start, count);
    }

    /// <summary>
    /// Where a peer's log that ends (as far as it could match) at <paramref name="hint"/> could agree with this one: the last index at or before it
    /// whose term is not later.
    /// </summary>
    public LogPosition LastPossibleMatch(LogPosition hint)
    {
        var index = Math.Min(hint.Index, LastIndex);
        for (; index > Begin.Index; index--)
        {
            var term = this[index].Term;
            if (term <= hint.Term)
                return new LogPosition(index, term);
        }

        return index == Begin.Index ? Begin : new LogPosition(index, 0);
    }

    /// <summary>Forgets entries up to <paramref name="through"/>, which is kept as <see cref="Begin"/>.</summary>
    public void Compact(ulong through)
    {
        if (through <= Begin.Index)
            return;
        Invariant.Check(through <= LastIndex);
        var position = this[through].Position;
        _entries.RemoveRange(0, (int)(through - Begin.Index));
        Begin = position;
    }

    public void Reset(LogPosition begin)
    {
        _entries.Clear();
        Begin = begin;
    }

    /// <summary>The last index to compact so that at most so many entries and bytes stay before <paramref name="snapshot"/>.</summary>
    public ulong CompactionPoint(ulong snapshot, int trailingEntries, long trailingBytes)
    {
        var index = Math.Min(snapshot, LastIndex);
        long bytes = 0;
        for (var kept = 0; index > Begin.Index && kept < trailingEntries; kept++, index--)
        {
            bytes += this[index].Size;
            if (bytes > trailingBytes)
                break;
        }

        return index;
    }
}
