using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Store;
using Cluster.Testing.Raft;
using Cluster.UnitTests.Manager.Peers;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Cluster.UnitTests.Manager.Hosting;

public sealed class SnapshotSaverTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly MemberId Self = new(1);

    [Theory]
    [InlineData(SnapshotSaver.EntriesBetween - 1, SnapshotSaver.BytesBetween - 1, false)]
    [InlineData(SnapshotSaver.EntriesBetween, 0, true)]
    [InlineData(1, SnapshotSaver.BytesBetween, true)]
    public async Task Saves_after_so_many_entries_or_so_many_bytes(ulong entries, long bytes, bool isDue)
    {
        TaskCompletionSource saved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RecordedLog log = new(() => saved.TrySetResult());
        using IRaftStorage storage = new SimulatedRaftDisk().Open();
        using CancellationTokenSource stopping = new();
        RaftHost host = new(Self, storage, RaftBootstrap.Initialize(storage, Membership.OfVoters(Self)), new Random(1), NoTransport.Instance, new StoppedTime(), _ => { });
        Task running = host.RunAsync(stopping.Token);

        // Index 1, the first configuration, is applied at once; how far the last save was behind it is what the saver is told.
        await using SnapshotSaver saver = new(host, unchecked(1 - entries), log.CreateLogger<SnapshotSaver>());
        await host.DescribeAsync(CancellationToken.None).WaitAsync(Patience);
        saver.Applied(new AppliedState(1, bytes, StoreSnapshot.Empty));
        if (isDue) await saved.Task.WaitAsync(Patience);

        Assert.Equal(isDue ? 1u : 0u, (await host.DescribeAsync(CancellationToken.None)).SnapshotIndex);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
