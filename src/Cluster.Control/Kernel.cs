using System.Collections.Immutable;
using Cluster.Control.Allocation;
using Cluster.Control.Certificates;
using Cluster.Control.Members;
using Cluster.Control.Orchestration;
using Cluster.Control.Scheduling;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Time;
using Cluster.Store;

namespace Cluster.Control;

/// <summary>
/// Turns the desired state into tasks: runs the loops in a fixed order over one working transaction, each seeing what the ones
/// before it did, until nothing is left to do or the budget is used up. One owner, one thread, no clock.
///
/// The owner keeps to this: <see cref="Note"/> for every transaction that is sequenced, in order; <see cref="Run"/> on a
/// transaction over the newest state; <see cref="Invalidate"/> when speculation was dropped. A kernel that sees by the versions that
/// it missed something, or that a pass of its own was not sequenced, rebuilds itself.
/// </summary>
public sealed class Kernel
{
    private const int MaxRounds = 4;

    private readonly KernelOptions _options;
    private readonly KernelCaches _caches = new();
    private readonly LoopState[] _loops;
    private bool _built;
    private ulong _version;
    private ClusterTime _nextFullPass;
    private bool _fullPassWanted;
    private TaskId? _sweepAfter;
    private ClusterTime? _nextWake;

    public Kernel(KernelOptions? options = null)
    {
        _options = options ?? new KernelOptions();
        _loops =
        [
            new(new FeatureLevelLoop(), 0.1),
            new(new ReplicatedOrchestrator(), 0.5),
            new(new RestartLoop(_caches), 0.7),
            new(new ConstraintEnforcementLoop(), 0.8),
            new(new AllocatorLoop(), 0.85),
            new(new SchedulerLoop(_caches), 0.95),
            new(new ReaperLoop(_caches), 1.0),
            new(new RootRotationLoop(), 1.0),
        ];
    }

    /// <summary>Whether <see cref="Run"/> would find something to look at before the time that the last pass named.</summary>
    public bool HasWork => !_built || _fullPassWanted || _sweepAfter is not null || _loops.Any(static l => !l.Dirty.IsEmpty);

    /// <summary>Whether the caches describe the state of <see cref="Version"/>; else the next pass rebuilds them.</summary>
    public bool IsBuilt => _built;

    /// <summary>The version of the state that the caches describe.</summary>
    public ulong Version => _version;

    /// <summary>How often the kernel was rebuilt; more than once for each leadership means that it missed transactions.</summary>
    public int Rebuilds { get; private set; }

    /// <summary>What was noted is void (speculation was dropped, leadership began): the next pass rebuilds.</summary>
    public void Invalidate() => _built = false;

    /// <summary>Forgets everything and reads the state anew; every row counts as changed.</summary>
    public void Rebuild(StoreView view)
    {
        _caches.Clear();
        foreach (LoopState loop in _loops)
        {
            loop.Dirty.Clear();
            loop.Loop.Forget();
        }

        if (view.Cluster is { } cluster) Written(new Change(Table.Cluster, null, cluster));
        foreach (TaskTemplate row in view.Templates) Written(new Change(Table.Templates, null, row));
        foreach (NodeRecord row in view.Nodes) Written(new Change(Table.Nodes, null, row));
        foreach (ServiceRecord row in view.Services) Written(new Change(Table.Services, null, row));
        foreach (TaskRecord row in view.Tasks) Written(new Change(Table.Tasks, null, row));
        foreach (RestartHistory row in view.RestartHistories) Written(new Change(Table.RestartHistories, null, row));
        (_built, _version, _fullPassWanted, _sweepAfter, _nextWake, _nextFullPass) = (true, view.Version, false, null, null, ClusterTime.Zero);
        Rebuilds++;
    }

    /// <summary>
    /// Takes in the net changes of the transaction that led from <paramref name="previousVersion"/> to <paramref name="version"/>.
    /// Those of the kernel's own passes are known by their version and skipped.
    /// </summary>
    public void Note(ulong previousVersion, ulong version, IReadOnlyList<Change> changes)
    {
        if (!_built || version <= _version) return;
        if (previousVersion != _version)
        {
            _built = false;
            return;
        }

        // A task's reservations are those of its template, so templates come before the tasks and go after them.
        Written(changes, static change => change.Table == Table.Templates && change.After is not null);
        Written(changes, static change => change.Table != Table.Templates);
        Written(changes, static change => change.Table == Table.Templates && change.After is null);
        _version = version;
    }

    /// <summary>
    /// One pass. The transaction's time is the time of all decisions. The answer says whether to run again at once (the budget was
    /// used up) and when at the latest to run without a change.
    /// </summary>
    public Decision Run(WorkingTransaction transaction, IIdSource ids, Random random)
    {
        if (!_built || transaction.Version != _version) Rebuild(transaction);
        ClusterTime now = transaction.Now;
        if (_nextFullPass.IsNone) _nextFullPass = now + _options.FullPassPeriod;
        bool fullPassDue = _fullPassWanted || now >= _nextFullPass;
        if (!HasWork && !fullPassDue && (_nextWake is not { } wake || now < wake)) return new(false, Decision.Earlier(_nextWake, _nextFullPass), []);

        if (fullPassDue) BeginFullPass(transaction, now);
        if (_sweepAfter is { } after) Sweep(transaction, after);

        DecisionContext context = new(transaction, ids, random, _options, Written);
        ImmutableArray<Report>.Builder reports = ImmutableArray.CreateBuilder<Report>();
        _nextWake = null;
        for (int round = 0; round < MaxRounds; round++)
        {
            ClusterTime? roundWake = null;
            foreach (LoopState loop in _loops)
            {
                context.LimitTo(loop.Share);
                Decision decision = loop.Loop.Decide(transaction, loop.Dirty, context);
                roundWake = Decision.Earlier(roundWake, decision.NextWake);
                reports.AddRange(decision.Reports);
            }

            _nextWake = roundWake;
            if (_loops.All(static l => l.Dirty.IsEmpty) || !context.HasRoom(1)) break;
        }

        if (!transaction.IsEmpty) _version = transaction.NextVersion;
        return new(HasWork, Decision.Earlier(_nextWake, _nextFullPass), reports.ToImmutable());
    }

    /// <summary>All that the caches hold, as sorted text: equal to that of a kernel rebuilt from the same state.</summary>
    public string CacheFingerprint() => _caches.Fingerprint();

    /// <summary>Services and nodes are marked at once, tasks in slices.</summary>
    private void BeginFullPass(StoreView view, ClusterTime now)
    {
        _fullPassWanted = false;
        _nextFullPass = now + _options.FullPassPeriod;
        foreach (NodeRecord row in view.Nodes) Mark(new Change(Table.Nodes, null, row));
        foreach (ServiceRecord row in view.Services) Mark(new Change(Table.Services, null, row));
        foreach (TaskTemplate row in view.Templates) Mark(new Change(Table.Templates, null, row));
        foreach (RestartHistory row in view.RestartHistories) Mark(new Change(Table.RestartHistories, null, row));
        _sweepAfter = default(TaskId);
    }

    private void Sweep(StoreView view, TaskId after)
    {
        int seen = 0;
        foreach (TaskRecord task in view.TasksAfter(after))
        {
            if (seen++ == _options.FullPassTasks) return;
            Mark(new Change(Table.Tasks, null, task));
            _sweepAfter = task.Id;
        }

        _sweepAfter = null;
    }

    private void Written(IReadOnlyList<Change> changes, Func<Change, bool> concerns)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            if (concerns(changes[i])) Written(changes[i]);
        }
    }

    private void Written(Change change)
    {
        _caches.Apply(change);
        Mark(change);

        // Settings such as the history limit hold for what is there already.
        if (change is { Before: ClusterRecord before, After: ClusterRecord after } && before.Spec != after.Spec) _fullPassWanted = true;
    }

    private void Mark(Change change)
    {
        foreach (LoopState loop in _loops) loop.Loop.Note(change, loop.Dirty);
    }

    /// <summary>A loop with its marks, and the part of the budget that is used up when it has run.</summary>
    private sealed record LoopState(IControlLoop Loop, double Share)
    {
        public DirtySet Dirty { get; } = new();
    }
}
