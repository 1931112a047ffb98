using System.Threading.Channels;
using Cluster.Raft;
using Cluster.Raft.Storage;

namespace Cluster.Manager.Hosting;

/// <summary>
/// Drives one <see cref="RaftCore"/>: a loop that owns the core and a loop that owns the disk, so that many batches share one sync and a
/// slow sync delays no heartbeat. Everything else posts. What the core says goes to <c>progressed</c>, on the core's loop, in order.
/// </summary>
internal sealed class RaftHost
{
    /// <summary>Ten ticks to the first possible election: 500-1,000 ms; a heartbeat every 100 ms.</summary>
    public static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(50);

    private const int MaxQueuedInputs = 65_536;
    private const int MaxQueuedBatches = 4_096;

    private readonly RaftCore _core;
    private readonly IRaftStorage _storage;
    private readonly TimeProvider _timeProvider;
    private readonly Action<RaftProgress> _progressed;
    private readonly Channel<Action<RaftCore>> _inputs = Channel.CreateBounded<Action<RaftCore>>(new BoundedChannelOptions(MaxQueuedInputs) { SingleReader = true });
    private readonly Channel<PersistBatch> _batches = Channel.CreateBounded<PersistBatch>(new BoundedChannelOptions(MaxQueuedBatches) { SingleReader = true, SingleWriter = true });
    private int _ticksDue;
    private (ulong Term, RaftRole Role, MemberId Leader, bool Established) _told;

    public RaftHost(MemberId self, IRaftStorage storage, RecoveredLog recovered, Random random, TimeProvider timeProvider, Action<RaftProgress> progressed)
    {
        _core = new RaftCore(self, new RaftOptions(), recovered, random);
        _storage = storage;
        _timeProvider = timeProvider;
        _progressed = progressed;
    }

    /// <summary>Runs until cancelled, or until the disk or an invariant fails: then it throws, and nothing more is acknowledged.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using ITimer ticker = _timeProvider.CreateTimer(_ => Tick(), null, TickLength, TickLength);
        Task core = Task.Run(() => RunCoreAsync(stopping.Token), CancellationToken.None);
        Task disk = Task.Run(() => RunDiskAsync(stopping.Token), CancellationToken.None);
        Task first = await Task.WhenAny(core, disk);
        await stopping.CancelAsync();
        try
        {
            await Task.WhenAll(core, disk);
        }
        catch (OperationCanceledException) when (!first.IsFaulted)
        {
            // Asked to stop.
        }

        ct.ThrowIfCancellationRequested();
        await first;
    }

    /// <summary>Hands over bytes to replicate in this term only, all or none. <paramref name="dropped"/> is called on the core's loop when they were not taken; what was taken is decided by what is delivered.</summary>
    public ValueTask ProposeAsync(ulong term, IReadOnlyList<ReadOnlyMemory<byte>> entries, Action dropped, CancellationToken ct) =>
        _inputs.Writer.WriteAsync(
            core =>
            {
                if (core.Role != RaftRole.Leader || core.Term != term || !core.Propose(entries).IsAccepted) dropped();
            },
            ct);

    /// <summary>Does not wait out the first election: for a member that is alone.</summary>
    public ValueTask CampaignAsync(CancellationToken ct) => _inputs.Writer.WriteAsync(core => core.Campaign(), ct);

    /// <summary>Asks for the index that a linearizable read must see; the answer comes with <see cref="RaftProgress.Reads"/>.</summary>
    public ValueTask ReadIndexAsync(ulong token, CancellationToken ct) => _inputs.Writer.WriteAsync(core => core.ReadIndex(token), ct);

    public Task<RaftStatus> DescribeAsync(CancellationToken ct) => AskAsync(core => core.DescribeStatus(), ct);

    /// <summary>Saves the state as of an applied index, so that the log before it can go. The state is written on the caller's thread.</summary>
    public async Task SaveSnapshotAsync(ulong appliedIndex, Action<Stream> write, CancellationToken ct)
    {
        SnapshotMetadata? metadata = await AskAsync(core => core.DescribeSnapshot(appliedIndex), ct);
        if (metadata is null) return;
        using (IRaftSnapshotWriter writer = _storage.CreateSnapshot(metadata))
        {
            write(writer.Content);
            writer.Commit();
        }

        await _inputs.Writer.WriteAsync(core => core.SnapshotSaved(metadata), ct);
    }

    private async Task<T> AskAsync<T>(Func<RaftCore, T> question, CancellationToken ct)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _inputs.Writer.WriteAsync(core => answer.SetResult(question(core)), ct);
        return await answer.Task.WaitAsync(ct);
    }

    private void Tick()
    {
        // At most one tick waits in the queue: a loop that was held up catches up with one input.
        if (Interlocked.Increment(ref _ticksDue) == 1 && !_inputs.Writer.TryWrite(RunTicks)) Interlocked.Exchange(ref _ticksDue, 0);
    }

    private void RunTicks(RaftCore core)
    {
        // After a long pause (a stopped machine) more than one election's worth of ticks would only unseat a good leader.
        int due = Math.Min(Interlocked.Exchange(ref _ticksDue, 0), 5);
        for (int i = 0; i < due; i++) core.Tick();
    }

    private async Task RunCoreAsync(CancellationToken ct)
    {
        do
        {
            while (_inputs.Reader.TryRead(out Action<RaftCore>? input)) input(_core);
            Ready ready = _core.TakeReady();
            if (ready.Batch is { } batch) await _batches.Writer.WriteAsync(batch, ct);
            Deliver(ready);
        }
        while (await _inputs.Reader.WaitToReadAsync(ct));
    }

    private async Task RunDiskAsync(CancellationToken ct)
    {
        List<PersistBatch> together = [];
        while (await _batches.Reader.WaitToReadAsync(ct))
        {
            together.Clear();
            while (_batches.Reader.TryRead(out PersistBatch? batch)) together.Add(batch);
            ulong sequence = _storage.Persist(together);
            await _inputs.Writer.WriteAsync(core => core.Persisted(sequence), ct);
        }
    }

    private void Deliver(Ready ready)
    {
        var now = (ready.Term, ready.Role, ready.Leader, ready.LeaderIsEstablished);
        if (ready.Restore is null && ready.Committed.Count == 0 && ready.Reads.Count == 0 && now == _told) return;
        _told = now;
        _progressed(new RaftProgress(ready.Restore, ready.Committed, ready.Reads, ready.Term, ready.Role, ready.Leader, ready.LeaderIsEstablished));
    }
}
