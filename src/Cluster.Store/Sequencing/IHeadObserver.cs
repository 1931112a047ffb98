namespace Cluster.Store.Sequencing;

/// <summary>
/// Hears of the speculative state as it goes on, to keep caches of it (the kernel's). Called on the sequencer's thread; must not submit
/// from inside.
/// </summary>
public interface IHeadObserver
{
    /// <summary>A transaction was sequenced on the state of <paramref name="previousVersion"/>, and will commit or be followed by a reset.</summary>
    void HeadAdvanced(ulong previousVersion, StoreSnapshot head, IReadOnlyList<Change> changes);

    /// <summary>Leadership began, or speculation was dropped: what was heard since the last commit is void.</summary>
    void HeadReset(StoreSnapshot head);
}
