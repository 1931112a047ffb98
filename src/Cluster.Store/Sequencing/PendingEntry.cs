namespace Cluster.Store.Sequencing;

/// <summary>A proposed transaction that is not known to be committed, and whoever waits for it.</summary>
internal sealed class PendingEntry(StoreSnapshot state, ulong previousVersion, string actor, IReadOnlyList<Change> changes, byte[] entry)
{
    private readonly List<(Action<SubmitOutcome> Completion, SubmitOutcome Outcome)> _waiting = [];

    public StoreSnapshot State => state;

    public ulong Version => state.Version;

    public ulong PreviousVersion => previousVersion;

    public string Actor => actor;

    public IReadOnlyList<Change> Changes => changes;

    public int Bytes => entry.Length;

    /// <summary>Whether the bytes are this entry: they name term and version, so that no other entry has the same.</summary>
    public bool Is(ReadOnlySpan<byte> committed) => committed.SequenceEqual(entry);

    /// <summary>Answers the caller once this entry is committed; its own submission first, then answers that rest on its state.</summary>
    public void WhenCommitted(Action<SubmitOutcome> completion, SubmitOutcome outcome) => _waiting.Add((completion, outcome));

    public void Committed()
    {
        foreach ((Action<SubmitOutcome> completion, SubmitOutcome outcome) in _waiting) completion(outcome);
    }

    public void Lost()
    {
        foreach ((Action<SubmitOutcome> completion, _) in _waiting) completion(SubmitOutcome.Unknown);
    }
}
