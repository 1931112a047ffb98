namespace Cluster.Raft;

/// <summary>One entry. The data belongs to the entry: nobody may change the bytes afterwards.</summary>
public sealed record LogEntry(ulong Index, ulong Term, EntryKind Kind, ReadOnlyMemory<byte> Data)
{
    /// <summary>Counted for each entry in byte limits, so that a flood of empty entries meets a limit too.</summary>
    public const int OverheadBytes = 32;

    public LogPosition Position => new(Index, Term);

    /// <summary>What the entry counts in byte limits.</summary>
    public long Size => Data.Length + OverheadBytes;
}
