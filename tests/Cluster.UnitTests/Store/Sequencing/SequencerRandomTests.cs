using Cluster.Model;
using Cluster.Store;
using Cluster.Store.Sequencing;
using Cluster.Store.Snapshots;
using Cluster.Testing.Store;
using Xunit;

namespace Cluster.UnitTests.Store.Sequencing;

/// <summary>Random submissions, retries, commits, lost proposals and lost leaderships from a seed, and what must hold through all of it.</summary>
public sealed class SequencerRandomTests
{
    [Theory]
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(53)]
    [InlineData(54)]
    [InlineData(55)]
    [InlineData(56)]
    public void Loses_nothing_acknowledged_does_nothing_twice_and_keeps_replicas_equal(int seed)
    {
        SequencerScenario scenario = new(seed);
        for (int i = 0; i < 400; i++) scenario.Step();
        scenario.Settle();
        foreach (string what in new[] { "Committed", "Unknown", "NotLeader", "Repeated", "dropped", "vanished", "terms" })
            Assert.True(scenario.Counts.ContainsKey(what), $"{what} did not happen: {string.Join(", ", scenario.Counts)}");
    }

    private sealed class SequencerScenario
    {
        private readonly Random _random;
        private readonly StoreWorkload _workload;
        private readonly SequencerFixture _fixture = new(new() { MaxUnacknowledgedEntries = 6, MaxWaiting = 8 });
        private readonly SequencerFixture _follower = new();
        private readonly List<(ulong Request, Answer Answer)> _asked = [];
        private ulong _term = 1;
        private ulong _request;
        private ulong _compared;
        private int _followed;

        public SequencerScenario(int seed)
        {
            _random = new(seed);
            _workload = new(_random);
            _fixture.Leading();
        }

        public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

        public void Step()
        {
            switch (_random.Next(20))
            {
                case < 9: Ask(++_request); break;
                case 9 when _request > 0: Ask((ulong)_random.NextInt64(1, (long)_request + 1)); break;
                case 10: Refuse(); break;
                case < 16: _fixture.Commit(_random.Next(1, 4)); break;
                case 16: Lose(tell: true); break;
                case 17: Lose(tell: false); break;
                case 18 when _random.Next(3) == 0: ChangeLeader(); break;
                default: _fixture.Submit(tx => Change(tx, 0)); break;
            }

            Follow();
            Assert.Equal(_fixture.Sequencer.Head.Version, _fixture.ObservedVersion);
        }

        public void Settle()
        {
            _fixture.Commit();
            Follow();
            // Ends those that were lost without notice when nothing that came after them has committed.
            ChangeLeader();
            _fixture.Commit();
            Follow();
            _fixture.Sequencer.LoseLeadership();
            foreach ((ulong request, Answer answer) in _asked)
            {
                Assert.NotNull(answer.Status);
                Count(answer.Status.Value.ToString());
                if (answer.Outcome!.Repeated) Count("Repeated");
                if (answer.Status == SubmitStatus.Committed) Assert.NotNull(_fixture.Replica.Committed.GetNode(Marker(request)));
                else if (answer.Status == SubmitStatus.NotLeader && _asked.Count(ask => ask.Request == request) == 1)
                    Assert.Null(_fixture.Replica.Committed.GetNode(Marker(request)));
            }
        }

        private static Cluster.Model.Ids.NodeId Marker(ulong request) => new(request + 1_000);

        private void Ask(ulong request) => _asked.Add((request, _fixture.Submit(tx => Change(tx, request), request)));

        /// <summary>Every request leaves its marker, which may be there once only.</summary>
        private Refusal? Change(WorkingTransaction tx, ulong request)
        {
            _workload.Change(tx, _random.Next(1, 6));
            if (request == 0) return null;
            Invariant.Check(tx.GetNode(Marker(request)) is null, "a request has its effect once");
            tx.Put(StoreRows.Node(request + 1_000));
            return null;
        }

        private void Refuse()
        {
            Answer answer = _fixture.Submit(tx =>
            {
                _workload.Change(tx, 3);
                return Refusal.Invalid("as planned");
            });
            Assert.NotEqual(SubmitStatus.Committed, answer.Status);
        }

        private void Lose(bool tell)
        {
            if (_fixture.Log.LoseNext() is not { } lost) return;
            if (tell) _fixture.Sequencer.ProposalDropped(lost.Term, lost.Version);
            Count(tell ? "dropped" : "vanished");
        }

        private void ChangeLeader()
        {
            // Some are lost that were proposed, some that still waited for the window.
            for (int i = _random.Next(12); i > 0; i--) Ask(++_request);
            // What was proposed may still commit before the new term begins, in part.
            for (int i = _random.Next(3); i > 0; i--) _fixture.Log.CommitNext();
            if (_random.Next(2) == 0) _fixture.Sequencer.LoseLeadership();
            _fixture.Leading(++_term);
            Count("terms");
        }

        /// <summary>A replica that only follows must be equal whenever it has applied as much.</summary>
        private void Follow()
        {
            while (_followed < _fixture.Log.Committed.Count)
            {
                (ulong term, ReadOnlyMemory<byte> entry) = _fixture.Log.Committed[_followed++];
                _follower.Sequencer.Apply(term, entry);
            }

            Assert.Equal(_fixture.Replica.Committed.Version, _follower.Replica.Committed.Version);
            if (_compared == _follower.Replica.Committed.Version) return;
            _compared = _follower.Replica.Committed.Version;
            Assert.Equal(SnapshotWriter.Digest(_fixture.Replica.Committed), SnapshotWriter.Digest(_follower.Replica.Committed));
        }

        private void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;
    }
}
