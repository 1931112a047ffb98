using Cluster.Manager.Hosting;
using Cluster.Model;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Sequencing;
using Cluster.Testing.Control;
using Cluster.Testing.Raft;
using Cluster.Testing.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using SnapshotWriter = Cluster.Store.Snapshots.SnapshotWriter;

namespace Cluster.UnitTests.Manager.Hosting;

public sealed class ControlThreadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Replaces_its_state_by_the_leaders_snapshot()
    {
        await using Fixture fixture = new();
        TaskCompletionSource<AppliedState> restored = new(TaskCreationOptions.RunContinuationsAsynchronously);
        fixture.Control.Restored += restored.SetResult;
        StoreSnapshot state = StateOf(3);

        fixture.Restore(state, index: 50);

        AppliedState applied = await restored.Task.WaitAsync(Patience);
        Assert.Equal(50u, applied.Index);
        Assert.Equal(SnapshotWriter.Digest(state), SnapshotWriter.Digest(fixture.Control.Committed.Current));
        Assert.True(fixture.Control.Replica.WatchFrom(0).Compacted);
        Assert.False(fixture.Control.IsLeading);
    }

    [Fact]
    public async Task Answers_unknown_to_who_waits_for_a_change_that_the_snapshot_overtook()
    {
        await using Fixture fixture = new();
        await fixture.LeadAsync(term: 2);
        Task<Result<int>> change = fixture.Control.SubmitAsync<int>(
            "test",
            tx =>
            {
                tx.Put(StoreRows.Service(9));
                return 1;
            },
            CancellationToken.None);

        // After the submission was taken in, before it is committed.
        await fixture.TurnAsync();
        fixture.Restore(StateOf(2), index: 50);

        LeadershipLostException lost = await Assert.ThrowsAsync<LeadershipLostException>(() => change.WaitAsync(Patience));
        Assert.Contains("may have been made", lost.Message, StringComparison.Ordinal);
        Assert.Null(fixture.Control.Committed.Current.GetService(new(9)));
    }

    [Fact]
    public async Task Shows_all_that_was_committed_before_it_shows_that_it_leads()
    {
        await using Fixture fixture = new();
        StoreSnapshot? seen = null;
        Task moved = fixture.Control.Leadership.NextAsync(CancellationToken.None).ContinueWith(
            _ => seen = fixture.Control.IsLeading ? fixture.Control.Committed.Current : null, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        StoreSnapshot? told = null;
        fixture.Control.LeadershipChanged += leads => told = leads ? fixture.Control.Committed.Current : null;

        // As after a start: the log of before and the leadership come in one.
        await fixture.LeadAsync(term: 2, new LogEntry(1, 1, EntryKind.Data, EntryBuilder.Build(TransactionOf(3), 1, "test", default)));

        await moved.WaitAsync(Patience);
        Assert.Equal(3, told!.Nodes.Count());
        Assert.Equal(3, seen!.Nodes.Count());
    }

    private static StoreSnapshot StateOf(int nodes) => TransactionOf(nodes).Seal();

    private static WorkingTransaction TransactionOf(int nodes)
    {
        WorkingTransaction transaction = new(StoreSnapshot.Empty, new(5), 7);
        transaction.Put(StoreRows.Cluster());
        for (int i = 1; i <= nodes; i++) transaction.Put(StoreRows.Node((ulong)i));
        return transaction;
    }

    /// <summary>A control thread whose Raft takes proposals and says only what a test says.</summary>
    private sealed class Fixture : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly IRaftStorage _storage = new SimulatedRaftDisk().Open();
        private readonly Task _running;

        public Fixture()
        {
            Control = new ControlThread(StoreSnapshot.Empty, 0, new SequencerOptions(), new CountingIds(), new Random(1), new StoppedTime(), NullLogger<ControlThread>.Instance);
            RaftHost raft = new(new MemberId(1), _storage, RecoveredLog.Empty, new Random(1), NoTransport.Instance, new StoppedTime(), _ => { });
            _running = Control.RunAsync(raft, _stopping.Token);
        }

        public ControlThread Control { get; }

        public async Task LeadAsync(ulong term, params LogEntry[] before)
        {
            LogEntry own = new((ulong)before.Length + 1, term, EntryKind.Empty, default);
            Control.RaftProgressed(new RaftProgress(null, [.. before, own], [], term, RaftRole.Leader, new MemberId(1), LeaderIsEstablished: true));
            await TurnAsync();
            Assert.True(Control.IsLeading);
        }

        /// <summary>Waits until all that was posted before is done.</summary>
        public async Task TurnAsync()
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await Control.PostAsync(done.SetResult, CancellationToken.None);
            await done.Task.WaitAsync(Patience);
        }

        public void Restore(StoreSnapshot state, ulong index)
        {
            MemoryStream content = new();
            SnapshotWriter.Write(state, content, CancellationToken.None);
            content.Position = 0;
            SnapshotMetadata metadata = new(new LogPosition(index, 3), Membership.OfVoters(new MemberId(1), new MemberId(2)));
            Control.RaftProgressed(new RaftProgress(new RestoredState(metadata, content), [], [], 3, RaftRole.Follower, new MemberId(2), LeaderIsEstablished: false));
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            await Control.DisposeAsync();
            _storage.Dispose();
            _stopping.Dispose();
        }
    }
}
