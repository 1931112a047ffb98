namespace Cluster.Raft;

/// <summary>What an opened storage holds: where a core, and the state machine, start from.</summary>
/// <param name="HardState">Default for a storage that was never written.</param>
/// <param name="Snapshot">Null when there is none.</param>
/// <param name="Begin">The place before the first entry; at most the snapshot's.</param>
/// <param name="Entries">Consecutive after <paramref name="Begin"/>, synced.</param>
public sealed record RecoveredLog(HardState HardState, SnapshotMetadata? Snapshot, LogPosition Begin, IReadOnlyList<LogEntry> Entries)
{
    public static RecoveredLog Empty { get; } = new(default, null, LogPosition.Zero, []);

    public bool IsEmpty => HardState == default && Snapshot is null && Entries.Count == 0;

    public LogPosition Last => Entries.Count == 0 ? Begin : Entries[^1].Position;
}
