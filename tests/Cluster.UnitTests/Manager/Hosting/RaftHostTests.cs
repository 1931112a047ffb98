using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Testing.Raft;
using Xunit;

namespace Cluster.UnitTests.Manager.Hosting;

public sealed class RaftHostTests
{
    private static readonly MemberId Self = new(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>More than all queues between the loops hold together.</summary>
    private const int Proposals = 80_000;

    [Fact]
    public async Task Goes_on_after_a_disk_that_hung_while_many_proposals_arrived()
    {
        using HangingStorage storage = new(new SimulatedRaftDisk().Open());
        using CancellationTokenSource stopping = new();
        Progress progress = new();
        RaftHost host = new(
            Self, storage, RaftBootstrap.Initialize(storage, Membership.OfVoters(Self)), new Random(1), NoTransport.Instance, new StoppedTime(), progress.Take);
        Task running = host.RunAsync(stopping.Token);
        await host.CampaignAsync(CancellationToken.None);
        await progress.WhenAsync(p => p.IsEstablished);

        storage.Hang();
        int dropped = 0;

        // Each in a batch of its own, as far as the core gets.
        for (int i = 0; i < 5_000; i++)
        {
            await ProposeAsync(host, () => dropped++);
            await host.DescribeAsync(CancellationToken.None).WaitAsync(Patience);
        }

        Task rest = Task.Run(async () =>
        {
            for (int i = 5_000; i < Proposals; i++) await ProposeAsync(host, () => dropped++);
        });
        Assert.True(storage.IsHanging);
        await host.DescribeAsync(CancellationToken.None).WaitAsync(Patience);
        storage.GoOn();
        await rest.WaitAsync(Patience);
        await progress.WhenAsync(p => p.Applied == Proposals);

        Assert.Equal(0, dropped);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Answers_who_asks_after_it_has_ended()
    {
        using IRaftStorage storage = new SimulatedRaftDisk().Open();
        RaftHost host = new(
            Self, storage, RaftBootstrap.Initialize(storage, Membership.OfVoters(Self)), new Random(1), NoTransport.Instance, new StoppedTime(), _ => { });
        using CancellationTokenSource stopping = new();
        Task running = host.RunAsync(stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.DescribeAsync(CancellationToken.None).WaitAsync(Patience));
    }

    private static ValueTask ProposeAsync(RaftHost host, Action dropped) => host.ProposeAsync(2, [new byte[16]], dropped, CancellationToken.None);

    private sealed class Progress
    {
        private readonly object _lock = new();
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsEstablished { get; private set; }

        public int Applied { get; private set; }

        public void Take(RaftProgress progress)
        {
            TaskCompletionSource next;
            lock (_lock)
            {
                IsEstablished = progress.LeaderIsEstablished;
                Applied += progress.Committed.Count(entry => entry.Kind == EntryKind.Data);
                (next, _next) = (_next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            next.SetResult();
        }

        public async Task WhenAsync(Func<Progress, bool> condition)
        {
            while (true)
            {
                Task next;
                lock (_lock)
                {
                    if (condition(this)) return;
                    next = _next.Task;
                }

                await next.WaitAsync(Patience);
            }
        }
    }
}
