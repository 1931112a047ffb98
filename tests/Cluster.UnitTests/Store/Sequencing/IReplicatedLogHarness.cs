using Cluster.Store.Sequencing;

namespace Cluster.UnitTests.Store.Sequencing;

/// <summary>A log under test with its one member, driven from outside.</summary>
public interface IReplicatedLogHarness : IDisposable
{
    IReplicatedLog Log { get; }

    /// <summary>Makes the member leader of a new term and returns the term.</summary>
    ulong BecomeLeader();

    void LoseLeadership();

    /// <summary>Lets everything under way come to its end; all that has committed since the start, in order, with the entries' terms.</summary>
    IReadOnlyList<(ulong Term, ReadOnlyMemory<byte> Entry)> Settle();
}
