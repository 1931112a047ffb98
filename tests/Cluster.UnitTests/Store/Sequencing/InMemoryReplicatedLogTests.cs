using Cluster.Store.Sequencing;
using Cluster.Testing.Store;

namespace Cluster.UnitTests.Store.Sequencing;

public sealed class InMemoryReplicatedLogTests : ReplicatedLogContract
{
    protected override IReplicatedLogHarness Create() => new Harness();

    private sealed class Harness : IReplicatedLogHarness
    {
        private readonly InMemoryReplicatedLog _log = new();
        private ulong _term;

        public IReplicatedLog Log => _log;

        public ulong BecomeLeader()
        {
            _log.BeginTerm(++_term);
            return _term;
        }

        public void LoseLeadership() => _log.EndTerm();

        public IReadOnlyList<(ulong Term, ReadOnlyMemory<byte> Entry)> Settle()
        {
            while (_log.CommitNext())
            {
            }

            return _log.Committed;
        }

        public void Dispose()
        {
        }
    }
}
