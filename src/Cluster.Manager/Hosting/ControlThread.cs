using System.Threading.Channels;
using Cluster.Control;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Time;
using Cluster.Raft;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Sequencing;
using Cluster.Store.Snapshots;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Hosting;

/// <summary>
/// The loop that owns replica, sequencer, kernel and cluster clock: everything that reads or writes the speculative state is posted to
/// it. After each batch of work it lets the kernel draw its conclusions, hands proposals to Raft, publishes what is committed, and only
/// then answers: whoever got an answer finds its effect in <see cref="Committed"/>.
/// </summary>
internal sealed partial class ControlThread : IReplicatedLog, IHeadObserver, IAsyncDisposable
{
    private const int MaxQueued = 65_536;
    private const int MaxBatch = 1_024;

    private readonly Channel<Action> _work = Channel.CreateBounded<Action>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly StoreReplica _replica;
    private readonly Sequencer _sequencer;
    private readonly SequencerOptions _sequencerOptions;
    private readonly Kernel _kernel = new();
    private readonly ClusterClock _clock = new();
    private readonly IIdSource _ids;
    private readonly Random _random;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly long _startedAt;
    private readonly ITimer _wake;
    private readonly List<(ulong Version, ReadOnlyMemory<byte> Bytes)> _proposals = [];
    private readonly List<Action> _answers = [];
    private readonly List<ChangeBatch> _committedBatches = [];
    private readonly ReadBarrier _reads = new();
    private ulong _appliedIndex;
    private long _logBytes;
    private bool _kernelIsOut;
    private volatile bool _hasCaughtUp;
    private ClusterTime? _kernelWake;

    public ControlThread(
        StoreSnapshot start, ulong appliedIndex, SequencerOptions sequencerOptions, IIdSource ids, Random random, TimeProvider timeProvider, ILogger<ControlThread> logger)
    {
        (_sequencerOptions, _ids, _random, _timeProvider, _logger, _appliedIndex) = (sequencerOptions, ids, random, timeProvider, logger, appliedIndex);
        _replica = new StoreReplica(new StoreReplicaOptions(), start);
        _sequencer = new Sequencer(_replica, this, this, _sequencerOptions);
        _startedAt = timeProvider.GetTimestamp();
        _wake = timeProvider.CreateTimer(_ => _work.Writer.TryWrite(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Committed = new Observed<StoreSnapshot>(start);
    }

    public Observed<StoreSnapshot> Committed { get; }

    /// <summary>For watchers: the committed changes after a version.</summary>
    public StoreReplica Replica => _replica;

    /// <summary>Who leads. Published before <see cref="LeadershipChanged"/>.</summary>
    public Observed<Leadership> Leadership { get; } = new(Hosting.Leadership.None);

    /// <summary>Leads, and <see cref="Committed"/> has all that was committed before. Any thread.</summary>
    public bool IsLeading => Leadership.Current.IsHere;

    /// <summary>Has had all that was committed when it asked a leader, since it runs, and hears of a leader now. Any thread.</summary>
    public bool IsCurrent => _hasCaughtUp && !Leadership.Current.Leader.IsNone;

    /// <summary>The Raft index that <see cref="Committed"/> stands for. Any thread.</summary>
    public ulong AppliedIndex => Volatile.Read(ref _appliedIndex);

    /// <summary>Cluster time now; on the control thread only.</summary>
    public ClusterTime Now => _clock.Now(Monotonic, _timeProvider.GetUtcNow());

    /// <summary>Told on the control thread when leadership is complete (true), and when it is lost.</summary>
    public event Action<bool>? LeadershipChanged;

    /// <summary>Told on the control thread of each committed batch, after it was published.</summary>
    public event Action<StoreSnapshot, IReadOnlyList<Change>>? BatchCommitted;

    /// <summary>Told on the control thread after each publication of committed batches.</summary>
    public event Action<AppliedState>? Applied;

    /// <summary>
    /// Told on the control thread when a snapshot of the leader's has replaced the state, after it was published: every row may be another.
    /// </summary>
    public event Action<AppliedState>? Restored;

    public async Task RunAsync(RaftHost raft, CancellationToken ct)
    {
        while (await _work.Reader.WaitToReadAsync(ct))
        {
            for (int i = 0; i < MaxBatch && _work.Reader.TryRead(out Action? action); i++) action();
            if (_reads.Begin() is { } read) await raft.ReadIndexAsync(read, ct);
            await FlushAsync(raft, ct);
            if (RunKernel()) await FlushAsync(raft, ct);
            Publish();
            ScheduleWake();
        }
    }

    /// <summary>Called on Raft's loop.</summary>
    public void RaftProgressed(RaftProgress progress)
    {
        // Raft must not wait for this loop: the window bounds what can be outstanding.
        if (!_work.Writer.TryWrite(() => Take(progress))) throw new InvariantException("the control thread is too far behind Raft");
    }

    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        await _wake.DisposeAsync();
    }

    bool IReplicatedLog.Propose(ulong term, ulong version, ReadOnlyMemory<byte> entry)
    {
        _proposals.Add((version, entry));
        return true;
    }

    void IHeadObserver.HeadAdvanced(ulong previousVersion, StoreSnapshot head, IReadOnlyList<Change> changes) => _kernel.Note(previousVersion, head.Version, changes);

    void IHeadObserver.HeadReset(StoreSnapshot head) => _kernel.Rebuild(head);

    private TimeSpan Monotonic => _timeProvider.GetElapsedTime(_startedAt);

    private async ValueTask FlushAsync(RaftHost raft, CancellationToken ct)
    {
        if (_proposals.Count == 0) return;
        ulong term = _sequencer.Term;
        ulong first = _proposals[0].Version;
        ReadOnlyMemory<byte>[] entries = [.. _proposals.Select(proposal => proposal.Bytes)];
        _proposals.Clear();
        await raft.ProposeAsync(term, entries, () => _work.Writer.TryWrite(() => _sequencer.ProposalDropped(term, first)), ct);
    }

    private void Take(RaftProgress progress)
    {
        if (progress.Restore is { } restore) Restore(restore);
        if (progress.Role == RaftRole.Leader && _sequencer.Term < progress.Term) _sequencer.BecomeLeader(progress.Term);
        else if (progress.Role != RaftRole.Leader) _sequencer.LoseLeadership();
        foreach (LogEntry entry in progress.Committed) Apply(entry);
        _reads.Take(progress.Reads);
        bool led = IsLeading;
        bool leads = _sequencer.State == LeadershipState.Leading;

        // Whoever sees that this manager leads goes by what is committed: a state of before would have members removed that joined since.
        if (leads && !led) Publish();
        Leadership now = new(progress.Term, progress.Leader, leads);
        if (now != Leadership.Current) Leadership.Publish(now);
        if (leads == led) return;
        if (leads)
        {
            _hasCaughtUp = true;
            _clock.BeginLeadership(_replica.Committed.Time, Monotonic, _timeProvider.GetUtcNow());
        }

        LogLeadership(_logger, leads, progress.Term);
        LeadershipChanged?.Invoke(leads);
    }

    /// <summary>
    /// This member was far behind. Reading the snapshot holds the thread up, which serves nothing meanwhile: the state that it has is outdated.
    /// </summary>
    private void Restore(RestoredState restore)
    {
        // What was committed before belongs to the state that goes: it is told of before, so that whoever counts on order has it.
        Publish();
        using (restore.Content) _sequencer.Restore(SnapshotReader.Read(restore.Content, CancellationToken.None));
        StoreSnapshot state = _replica.Committed;
        _appliedIndex = restore.Metadata.Index;
        _kernelWake = null;
        _clock.Observe(state.Time, Monotonic);
        LogRestored(_logger, restore.Metadata.Index, state.Version);
        Committed.Publish(state);
        Restored?.Invoke(new AppliedState(_appliedIndex, _logBytes, state));
    }

    private void Apply(LogEntry entry)
    {
        _logBytes += entry.Size;
        ApplyResult result = _sequencer.Apply(entry.Term, entry.Kind == EntryKind.Data ? entry.Data : default);
        _appliedIndex = entry.Index;
        if (result.Batch is not { } batch) return;
        _clock.Observe(batch.Time, Monotonic);
        _committedBatches.Add(batch);
    }

    /// <summary>Whether the kernel wrote something.</summary>
    private bool RunKernel()
    {
        if (_kernelIsOut || _sequencer.State != LeadershipState.Leading || _sequencer.Head.Cluster is null) return false;
        if (_sequencer.WaitingSubmissions > 0 || _sequencer.UnacknowledgedEntries >= _sequencerOptions.MaxUnacknowledgedEntries) return false;
        ClusterTime now = Now;
        if (!_kernel.HasWork && _kernelWake is { } wake && now < wake) return false;

        _kernelIsOut = true;
        Decision decision = default;
        _sequencer.Submit(new Submission
        {
            Actor = "kernel",
            Now = now,
            Body = transaction =>
            {
                _kernelIsOut = false;
                decision = _kernel.Run(transaction, _ids, _random);
                return null;
            },
            Completion = KernelPassEnded,
        });
        _kernelWake = decision.NextWake;
        if (!decision.Reports.IsDefault)
        {
            foreach (Report report in decision.Reports) LogReport(_logger, report.Loop, report.Subject, report.Message);
        }

        return _proposals.Count > 0;
    }

    private void KernelPassEnded(SubmitOutcome outcome)
    {
        _kernelIsOut = false;
        if (outcome.Status is SubmitStatus.Committed or SubmitStatus.Unknown or SubmitStatus.NotLeader) return;

        // Its caches hold what was not written.
        LogKernelFailed(_logger, outcome.Refusal?.Message, outcome.Fault);
        _kernel.Rebuild(_sequencer.Head);
    }

    private void Publish()
    {
        Committed.Publish(_replica.Committed);
        foreach (ChangeBatch batch in _committedBatches) BatchCommitted?.Invoke(_replica.Committed, batch.Changes);
        if (_committedBatches.Count > 0) Applied?.Invoke(new AppliedState(_appliedIndex, _logBytes, _replica.Committed));
        _committedBatches.Clear();
        _reads.Applied(_appliedIndex);
        foreach (Action answer in _answers) answer();
        _answers.Clear();
    }

    private void ScheduleWake()
    {
        if (_sequencer.State != LeadershipState.Leading) return;
        TimeSpan until = _kernel.HasWork && _sequencer.UnacknowledgedEntries == 0 ? TimeSpan.Zero : _kernelWake is { } wake ? wake - Now : Timeout.InfiniteTimeSpan;
        if (until != Timeout.InfiniteTimeSpan) until = until < TimeSpan.Zero ? TimeSpan.Zero : until > TimeSpan.FromHours(1) ? TimeSpan.FromHours(1) : until;
        _wake.Change(until, Timeout.InfiniteTimeSpan);
    }
}
