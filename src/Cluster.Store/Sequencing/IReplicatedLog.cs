namespace Cluster.Store.Sequencing;

/// <summary>
/// What the sequencer needs of consensus. What is proposed enters the log in the order of the calls or not at all. What the log took
/// and lost again without losing leadership it reports with <see cref="Sequencer.ProposalDropped"/>; what commits, on every member,
/// with <see cref="Sequencer.Apply"/>. Called on the sequencer's thread; must not call back from inside.
/// </summary>
public interface IReplicatedLog
{
    /// <summary>
    /// Hands an entry over, to be appended in this term only. False: not taken, and never will be. The bytes belong to the log from now on.
    /// </summary>
    bool Propose(ulong term, ulong version, ReadOnlyMemory<byte> entry);
}
