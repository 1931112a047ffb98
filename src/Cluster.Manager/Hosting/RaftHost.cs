using System.Threading.Channels;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;

namespace Cluster.Manager.Hosting;

/// <summary>
/// Drives one <see cref="RaftCore"/>: turns, of which one runs at a time, own the core, and a thread owns the disk, so that many batches share
/// one sync and a slow sync delays no heartbeat. Whoever posts while no turn runs carries it out on the spot instead of waking another thread:
/// at few proposals at a time, such wake-ups would be most of a commit's time. What the core says goes to <c>progressed</c>, in a turn, in order.
/// What must hold: a turn never waits for the disk, the transport or whoever is told, and the disk never for a turn.
/// </summary>
internal sealed partial class RaftHost
{
    /// <summary>Ten ticks to the first possible election: 500-1,000 ms; a heartbeat every 100 ms.</summary>
    public static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(50);

    private const int MaxQueuedInputs = 65_536;

    private readonly RaftCore _core;
    private readonly IRaftStorage _storage;
    private readonly IRaftTransport _transport;
    private readonly TimeProvider _timeProvider;
    private readonly Action<RaftProgress> _progressed;
    private readonly BatchQueue _batches = new();
    private readonly TaskCompletionSource _turnsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<RaftCore> _runTicks;

    // A message, or an action on the core: messages are many, and need no closure of their own.
    private readonly Channel<object> _inputs = Channel.CreateBounded<object>(new BoundedChannelOptions(MaxQueuedInputs) { SingleReader = true });
    private ulong _persisted;
    private ulong _persistedTaken;
    private int _turnIsTaken = 1;
    private volatile bool _isStopping;
    private ulong _leader;
    private int _ticksDue;
    private (ulong Term, RaftRole Role, MemberId Leader, bool Established) _told;
    private volatile Membership _membership;
    private volatile Membership _committedMembership;

    public RaftHost(
        MemberId self, IRaftStorage storage, RecoveredLog recovered, Random random, IRaftTransport transport, TimeProvider timeProvider, Action<RaftProgress> progressed)
        : this(self, new RaftOptions(), storage, recovered, random, transport, timeProvider, progressed)
    {
    }

    internal RaftHost(
        MemberId self,
        RaftOptions options,
        IRaftStorage storage,
        RecoveredLog recovered,
        Random random,
        IRaftTransport transport,
        TimeProvider timeProvider,
        Action<RaftProgress> progressed)
    {
        _core = new RaftCore(self, options, recovered, random);
        (_storage, _transport, _timeProvider, _progressed) = (storage, transport, timeProvider, progressed);
        (_membership, _committedMembership) = (_core.Membership, _core.CommittedMembership);
        _runTicks = RunTicks;
    }

    public MemberId Self => _core.Self;

    /// <summary>The newest configuration in the log, which counts already. Any thread.</summary>
    public Membership Membership => _membership;

    /// <summary>The newest configuration that is known to be committed. Any thread.</summary>
    public Membership CommittedMembership => _committedMembership;

    /// <summary>Who leads as far as known here. Any thread.</summary>
    public MemberId Leader => new(Volatile.Read(ref _leader));

    /// <summary>Runs until cancelled, or until the disk or an invariant fails: then it throws, and nothing more is acknowledged.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using ITimer ticker = _timeProvider.CreateTimer(_ => Tick(), null, TickLength, TickLength);
        _transport.Follow(_membership);

        // A thread of its own: it spends its time in the kernel, and the pool has few threads on a small machine.
        Task disk = Task.Factory.StartNew(RunDisk, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        RunTurns();
        try
        {
            await Task.WhenAny(disk, _turnsEnded.Task).WaitAsync(ct);
        }
        finally
        {
            _isStopping = true;
            TryRunTurns();
            _batches.Close();
            await Task.WhenAll(disk, _turnsEnded.Task).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _ended.TrySetResult();
            _inputs.Writer.TryComplete();
        }

        // Neither ends by itself: one of the two has failed.
        await disk;
        await _turnsEnded.Task;
    }

    /// <summary>Takes in what another member sent; the transport has checked who that is. Waits when Raft is far behind.</summary>
    public ValueTask ReceiveAsync(RaftMessage message, CancellationToken ct) => TellAsync(message, ct);

    /// <summary>The way to a member broke.</summary>
    public ValueTask ReportUnreachableAsync(MemberId member, CancellationToken ct) =>
        TellAsync(new Action<RaftCore>(core => core.ReportUnreachable(member)), ct);

    /// <summary>How an <see cref="InstallSnapshot"/> that was to be sent ended.</summary>
    public ValueTask ReportSnapshotAsync(MemberId member, bool succeeded, CancellationToken ct) =>
        TellAsync(new Action<RaftCore>(core => core.ReportSnapshot(member, succeeded)), ct);

    /// <summary>Hands over bytes to replicate in this term only, all or none. <paramref name="dropped"/> is called on the core's loop when they were not taken; what was taken is decided by what is delivered.</summary>
    public ValueTask ProposeAsync(ulong term, IReadOnlyList<ReadOnlyMemory<byte>> entries, Action dropped, CancellationToken ct)
    {
        Action<RaftCore> propose = core =>
        {
            if (core.Role != RaftRole.Leader || core.Term != term || !core.Propose(entries).IsAccepted) dropped();
        };
        if (!_inputs.Writer.TryWrite(propose)) return PostWhenThereIsRoomAsync(propose, ct);

        // While the disk is busy, proposals gather for the turn that follows its sync: one append and one sync for all of them.
        Interlocked.MemoryBarrier();
        if (!_batches.IsBusy) TryRunTurns();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Proposes a change of who takes part. Accepted is not committed: <see cref="CommittedMembership"/> says so when it is. One at a time; a
    /// change of several voters goes through a joint configuration that the leader leaves by itself.
    /// </summary>
    public Task<ProposalResult> ChangeMembersAsync(IReadOnlyList<MembershipChange> changes, CancellationToken ct) => AskAsync(core => core.ProposeConfiguration(changes), ct);

    /// <summary>Hands leadership to a voter; false when this member does not lead or the other is no voter. Whether it came to pass is told as progress.</summary>
    public Task<bool> TransferLeadershipAsync(MemberId to, CancellationToken ct) => AskAsync(core => core.TransferLeadership(to), ct);

    /// <summary>Does not wait out the first election: for a member that is alone.</summary>
    public ValueTask CampaignAsync(CancellationToken ct) => PostAsync(static core => core.Campaign(), ct);

    /// <summary>Asks for the index that a linearizable read must see; the answer comes with <see cref="RaftProgress.Reads"/>.</summary>
    public ValueTask ReadIndexAsync(ulong token, CancellationToken ct) => PostAsync(core => core.ReadIndex(token), ct);

    public Task<RaftStatus> DescribeAsync(CancellationToken ct) => AskAsync(static core => core.DescribeStatus(), ct);

    /// <summary>Saves the state as of an applied index, so that the log before it can go. The state is written on the caller's thread.</summary>
    public Task SaveSnapshotAsync(ulong appliedIndex, Action<Stream> write, CancellationToken ct) => SaveSnapshotAsync(appliedIndex, write, keepTrailing: true, ct);

    /// <param name="appliedIndex">What the state stands for.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="keepTrailing">False: all of the log before it goes, also what members that lag a little would need.</param>
    /// <param name="ct">Gives up.</param>
    public async Task SaveSnapshotAsync(ulong appliedIndex, Action<Stream> write, bool keepTrailing, CancellationToken ct)
    {
        SnapshotMetadata? metadata = appliedIndex == 0 ? null : await AskAsync(core => core.DescribeSnapshot(appliedIndex), ct);
        if (metadata is null) return;
        using (IRaftSnapshotWriter writer = _storage.CreateSnapshot(metadata))
        {
            write(writer.Content);
            writer.Commit();
        }

        await PostAsync(core => core.SnapshotSaved(metadata, keepTrailing), ct);
    }

    /// <summary>For what is worth nothing when Raft has ended.</summary>
    private ValueTask TellAsync(object input, CancellationToken ct)
    {
        if (!_inputs.Writer.TryWrite(input)) return TellWhenThereIsRoomAsync(input, ct);
        TryRunTurns();
        return ValueTask.CompletedTask;
    }

    private async ValueTask TellWhenThereIsRoomAsync(object input, CancellationToken ct)
    {
        try
        {
            await _inputs.Writer.WriteAsync(input, ct);
            TryRunTurns();
        }
        catch (ChannelClosedException)
        {
            // Nobody is there to hear it.
        }
    }

    private ValueTask PostAsync(Action<RaftCore> action, CancellationToken ct)
    {
        if (!_inputs.Writer.TryWrite(action)) return PostWhenThereIsRoomAsync(action, ct);
        TryRunTurns();
        return ValueTask.CompletedTask;
    }

    private async ValueTask PostWhenThereIsRoomAsync(Action<RaftCore> action, CancellationToken ct)
    {
        await _inputs.Writer.WriteAsync(action, ct);
        TryRunTurns();
    }

    private async Task<T> AskAsync<T>(Func<RaftCore, T> question, CancellationToken ct)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await PostAsync(core => answer.SetResult(question(core)), ct);
        if (await Task.WhenAny(answer.Task, _ended.Task).WaitAsync(ct) != answer.Task && !answer.Task.IsCompleted)
            throw new InvalidOperationException("Raft has ended on this manager");
        return await answer.Task;
    }
}
