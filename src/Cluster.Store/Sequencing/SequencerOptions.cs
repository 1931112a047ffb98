namespace Cluster.Store.Sequencing;

/// <summary>Limits of the sequencer; all are hard.</summary>
public sealed record SequencerOptions
{
    /// <summary>Entries proposed and not yet committed.</summary>
    public int MaxUnacknowledgedEntries { get; init; } = 64;

    /// <summary>The window is full at this many bytes; the entry that reaches it may pass it.</summary>
    public long MaxUnacknowledgedBytes { get; init; } = 8 << 20;

    /// <summary>A transaction that makes a larger entry is refused.</summary>
    public int MaxEntryBytes { get; init; } = 8 << 20;

    /// <summary>Submissions that wait for room in the window; more are refused.</summary>
    public int MaxWaiting { get; init; } = 1024;

    /// <summary>Answers kept for retries; the oldest go first.</summary>
    public int MaxRequests { get; init; } = 10_000;

    public TimeSpan MaxRequestAge { get; init; } = TimeSpan.FromHours(1);
}
