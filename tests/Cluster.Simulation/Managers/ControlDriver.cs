using Cluster.Control;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Time;
using Cluster.Raft;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Sequencing;

namespace Cluster.Simulation.Managers;

/// <summary>
/// The twin of the manager's control thread: owns replica, sequencer, kernel and cluster clock, in turns: all that waits, then proposals,
/// the kernel, publication, and only then answers.
/// </summary>
internal sealed class ControlDriver(SimulationWorld world, ManagerProcess process) : IReplicatedLog, IHeadObserver
{
    private readonly Kernel _kernel = new(world.Plan.Kernel);
    private readonly ClusterClock _clock = new();
    private readonly TimeSpan _startedAt = process.Machine.Clock.Monotonic;
    private readonly Random _random = new(world.Random.Next());
    private readonly List<(ulong Version, ReadOnlyMemory<byte> Bytes)> _proposals = [];
    private readonly List<ChangeBatch> _committed = [];
    private readonly ReadBarrier _reads = new();
    private List<Action> _work = [];
    private List<Action> _spareWork = [];
    private List<Action> _answers = [];
    private StoreReplica? _replica;
    private Sequencer? _sequencer;
    private ulong _appliedIndex;
    private bool _isTurnPlanned;
    private bool _kernelIsOut;
    private ClusterTime? _kernelWake;
    private long _wakeTicket;
    private Action? _turn;

    public StoreReplica Replica => _replica ?? throw new InvalidOperationException("not started");

    public Sequencer Sequencer => _sequencer ?? throw new InvalidOperationException("not started");

    public Kernel Kernel => _kernel;

    /// <summary>Nothing waits for the kernel, and it waits for nothing but time.</summary>
    public bool KernelIsIdle => IsLeading && !_kernelIsOut && !_kernel.HasWork && _kernel.Version == Sequencer.Head.Version && _kernelWake is { } wake && Now < wake;

    public StoreSnapshot Published { get; private set; } = StoreSnapshot.Empty;

    public bool IsLeading { get; private set; }

    /// <summary>Who leads as far as known here; perhaps this manager.</summary>
    public MemberId Leader { get; private set; }

    public ClusterTime Now => _clock.Now(Monotonic, Wall);

    private TimeSpan Monotonic => process.Machine.Clock.Monotonic - _startedAt;

    private DateTimeOffset Wall => process.Machine.Clock.Wall;

    public void Start(StoreSnapshot state, ulong appliedIndex)
    {
        _replica = new StoreReplica(new StoreReplicaOptions(), state);
        _sequencer = new Sequencer(_replica, this, this, world.Plan.Sequencer);
        (_appliedIndex, Published) = (appliedIndex, state);
    }

    /// <summary>Runs the action in the next turn.</summary>
    public void Post(Action action)
    {
        if (!process.IsAlive) return;
        _work.Add(action);
        PlanTurn();
    }

    public void PostFromRaft(ConsensusProgress progress) => Post(() => Take(progress));

    /// <summary>In a turn only. The answer comes when what it rests on is committed and published.</summary>
    public void Submit<T>(string actor, Func<WorkingTransaction, Result<T>> command, Action<SubmitOutcome, T?> answer)
    {
        T? value = default;
        Sequencer.Submit(new Submission
        {
            Actor = actor,
            Now = Now,
            Body = transaction =>
            {
                Result<T> result = command(transaction);
                if (result.IsOk) value = result.Value;
                return result.Refusal;
            },
            Completion = outcome =>
            {
                RequireNoFault(actor, outcome);
                _answers.Add(() => answer(outcome, value));
            },
        });
    }

    /// <summary>The same for what must have one effect, however often it is asked for; the answer is the object.</summary>
    public void Request(string actor, RequestId request, string operation, Func<WorkingTransaction, Result<UInt128>> command, Action<SubmitOutcome, UInt128> answer)
    {
        UInt128 value = default;
        Sequencer.Submit(new Submission
        {
            Actor = actor,
            RequestId = request,
            Operation = operation,
            Now = Now,
            Body = transaction =>
            {
                Result<UInt128> result = command(transaction);
                if (result.IsOk) value = result.Value;
                return result.Refusal;
            },
            Object = () => value,
            Completion = outcome =>
            {
                RequireNoFault(actor, outcome);
                if (outcome.Repeated) world.Counts.Add("client: first answer again");
                _answers.Add(() => answer(outcome, outcome.Repeated ? outcome.Request!.ObjectId : value));
            },
        });
    }

    /// <summary>In a turn only. The answer is the state with all that was acknowledged before; null when nobody confirmed it.</summary>
    public void Read(Action<StoreSnapshot?> answer) => _reads.Add(confirmed => _answers.Add(() => answer(confirmed ? Published : null)));

    /// <summary>In a turn only; nobody waits for what comes of it.</summary>
    public void Submit(string actor, Action<WorkingTransaction> command) => Sequencer.Submit(new Submission
    {
        Actor = actor,
        Now = Now,
        Body = transaction =>
        {
            command(transaction);
            return null;
        },
        Completion = outcome => RequireNoFault(actor, outcome),
    });

    bool IReplicatedLog.Propose(ulong term, ulong version, ReadOnlyMemory<byte> entry)
    {
        _proposals.Add((version, entry));
        return true;
    }

    void IHeadObserver.HeadAdvanced(ulong previousVersion, StoreSnapshot head, IReadOnlyList<Change> changes) => _kernel.Note(previousVersion, head.Version, changes);

    void IHeadObserver.HeadReset(StoreSnapshot head) => _kernel.Rebuild(head);

    private void RequireNoFault(string actor, SubmitOutcome outcome)
    {
        if (outcome.Fault is { } fault) throw new BreachException(Breach.Product, $"{process.Name}: a command of {actor} threw: {fault}");
    }

    private void PlanTurn()
    {
        if (_isTurnPlanned) return;
        _isTurnPlanned = true;
        process.HandOver(_turn ??= Turn);
    }

    private void Turn()
    {
        _isTurnPlanned = false;
        (List<Action> work, _work) = (_work, _spareWork);
        foreach (Action action in work) action();
        work.Clear();
        _spareWork = work;
        if (_reads.Begin() is { } read) process.HandOver(() => process.Raft.With(core => core.ReadIndex(read)));
        Flush();
        if (RunKernel()) Flush();
        Publish();
        PlanWake();
    }

    private void Flush()
    {
        if (_proposals.Count == 0) return;
        (ulong term, ulong first) = (Sequencer.Term, _proposals[0].Version);
        ReadOnlyMemory<byte>[] entries = [.. _proposals.Select(p => p.Bytes)];
        _proposals.Clear();
        process.Raft.Propose(term, entries, () => process.HandOver(() => Post(() => Sequencer.ProposalDropped(term, first))));
    }

    private void Take(ConsensusProgress progress)
    {
        if (progress.Restored is { } restored) Restore(restored.State, restored.Index);
        if (progress.Role == RaftRole.Leader && Sequencer.Term < progress.Term) Sequencer.BecomeLeader(progress.Term);
        else if (progress.Role != RaftRole.Leader) Sequencer.LoseLeadership();
        foreach (LogEntry entry in progress.Committed) Apply(entry);
        _reads.Take(progress.Reads);
        Leader = progress.Leader;
        bool leads = Sequencer.State == LeadershipState.Leading;
        if (leads == IsLeading) return;
        IsLeading = leads;
        if (leads) _clock.BeginLeadership(Replica.Committed.Time, Monotonic, Wall);
        world.Trace.Line(process.Name, leads ? $"leads in term {progress.Term} at v{Replica.Committed.Version}" : "leads no more");
        world.Counts.Add(leads ? "raft: leadership won" : "raft: leadership lost");
        process.Liveness.LeadershipChanged(leads);
    }

    /// <summary>This manager was far behind. What was committed before belongs to the state that goes: it is told of before.</summary>
    private void Restore(StoreSnapshot state, ulong index)
    {
        Publish();
        Sequencer.Restore(state);
        (_appliedIndex, _kernelWake, Published) = (index, null, state);
        _clock.Observe(state.Time, Monotonic);
        process.Sessions.Restored(state);
    }

    private void Apply(LogEntry entry)
    {
        BreachException.Require(entry.Index == _appliedIndex + 1, Breach.Consensus, $"{process.Name} is given {entry.Index} after {_appliedIndex}");
        ApplyResult result = Sequencer.Apply(entry.Term, entry.Kind == EntryKind.Data ? entry.Data : default);
        _appliedIndex = entry.Index;
        if (result.Batch is not { } batch)
        {
            if (!entry.Data.IsEmpty && entry.Kind == EntryKind.Data) world.Counts.Add("store: entry skipped");
            return;
        }

        _clock.Observe(batch.Time, Monotonic);
        _committed.Add(batch);
        world.History.Applied(process.Name, batch, Replica.Committed);
    }

    private bool RunKernel()
    {
        if (_kernelIsOut || Sequencer.State != LeadershipState.Leading || Sequencer.Head.Cluster is null) return false;
        if (Sequencer.WaitingSubmissions > 0 || Sequencer.UnacknowledgedEntries >= world.Plan.Sequencer.MaxUnacknowledgedEntries) return false;
        ClusterTime now = Now;
        if (!_kernel.HasWork && _kernelWake is { } wake && now < wake) return false;

        _kernelIsOut = true;
        Decision decision = default;
        Sequencer.Submit(new Submission
        {
            Actor = "kernel",
            Now = now,
            Body = transaction =>
            {
                _kernelIsOut = false;
                decision = _kernel.Run(transaction, world.Ids, _random);
                return null;
            },
            Completion = outcome =>
            {
                _kernelIsOut = false;
                RequireNoFault("kernel", outcome);
                BreachException.Require(outcome.Status != SubmitStatus.Refused, Breach.Product, $"a pass of the kernel was refused: {outcome.Refusal?.Message}");
            },
        });
        _kernelWake = decision.NextWake;
        return _proposals.Count > 0;
    }

    private void Publish()
    {
        Published = Replica.Committed;
        foreach (ChangeBatch batch in _committed)
        {
            process.Sessions.Committed(Published, batch.Changes);
            process.Liveness.Committed(batch.Changes);
        }

        if (_committed.Count > 0) process.Raft.Applied(_appliedIndex, Published);
        _committed.Clear();
        _reads.Applied(_appliedIndex);
        process.Sessions.Published(Published.Version);
        if (_answers.Count == 0) return;
        (List<Action> answers, _answers) = (_answers, []);
        foreach (Action answer in answers) answer();
    }

    private void PlanWake()
    {
        long ticket = ++_wakeTicket;
        if (Sequencer.State != LeadershipState.Leading) return;
        TimeSpan? until = _kernel.HasWork && Sequencer.UnacknowledgedEntries == 0 ? TimeSpan.Zero : _kernelWake - Now;
        if (until is not { } delay) return;
        if (delay > TimeSpan.FromHours(1)) delay = TimeSpan.FromHours(1);
        process.After(delay, () =>
        {
            if (ticket == _wakeTicket) PlanTurn();
        });
    }
}
