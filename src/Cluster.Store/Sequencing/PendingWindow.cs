namespace Cluster.Store.Sequencing;

/// <summary>The proposed and uncommitted entries, oldest first, each made on the one before it.</summary>
internal sealed class PendingWindow(int maxEntries, long maxBytes)
{
    private readonly LinkedList<PendingEntry> _entries = [];

    public int Count => _entries.Count;

    public long Bytes { get; private set; }

    public bool IsFull => Count >= maxEntries || Bytes >= maxBytes;

    public PendingEntry? Oldest => _entries.First?.Value;

    public PendingEntry? Newest => _entries.Last?.Value;

    public bool Contains(ulong version) => _entries.Any(entry => entry.Version == version);

    public bool Contains(ReadOnlySpan<byte> committed)
    {
        foreach (PendingEntry entry in _entries)
        {
            if (entry.Is(committed)) return true;
        }

        return false;
    }

    public void Add(PendingEntry entry)
    {
        _entries.AddLast(entry);
        Bytes += entry.Bytes;
    }

    public PendingEntry RemoveOldest()
    {
        PendingEntry entry = Oldest!;
        _entries.RemoveFirst();
        Bytes -= entry.Bytes;
        return entry;
    }

    /// <summary>Takes out the entry of this version and all that rest on it.</summary>
    public List<PendingEntry> CutFrom(ulong version)
    {
        List<PendingEntry> cut = [];
        while (Newest is { } newest && newest.Version >= version)
        {
            cut.Insert(0, newest);
            _entries.RemoveLast();
            Bytes -= newest.Bytes;
        }

        return cut;
    }
}
