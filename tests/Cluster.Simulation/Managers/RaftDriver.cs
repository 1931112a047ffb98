using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Snapshots;
using Cluster.Testing.Raft;

namespace Cluster.Simulation.Managers;

/// <summary>
/// The twin of the manager's Raft host: owns the core, joins batches in one sync that takes a while, and hands what is committed to
/// the control driver. Checks the promises of consensus at each step.
/// </summary>
internal sealed class RaftDriver(SimulationWorld world, ManagerProcess process)
{
    private readonly ManagerMachine _machine = process.Machine;
    private readonly Func<MemberId, DurableLog?> _durableOf = id => world.DurableOf(id, process.Group);
    private readonly Action<RaftMessage>?[] _deliveries = new Action<RaftMessage>?[world.Plan.Seats];
    private Action? _tick;
    private IRaftStorage? _storage;
    private RaftCore? _core;
    private List<PersistBatch> _queued = [];
    private bool _isSyncing;
    private (MemberId Member, ulong Term)? _removed;
    private ulong _snapshotIndex;
    private (ulong Term, RaftRole Role, MemberId Leader, bool Established) _told;

    public RaftCore Core => _core ?? throw new InvalidOperationException("the member has not started");

    private IRaftStorage Storage => _storage ?? throw new InvalidOperationException("the disk is not open");

    /// <summary>Reads the disk: the state to start from, and its index.</summary>
    public (StoreSnapshot State, ulong AppliedIndex) Open()
    {
        _storage = _machine.Disk.Open();
        RecoveredLog recovered = _storage.Recovered;
        if (recovered.IsEmpty && _machine.IsFounder) recovered = RaftBootstrap.Initialize(_storage, Membership.OfVoters(_machine.Member));
        _core = new RaftCore(_machine.Member, world.RaftOptions, recovered, new Random(world.Random.Next()));
        process.Group.Consensus.Restarted(_machine.Member);
        if (recovered.Snapshot is not { } snapshot) return (StoreSnapshot.Empty, 0);
        _snapshotIndex = snapshot.Index;
        return (ReadSnapshot(snapshot), snapshot.Index);
    }

    public void Start()
    {
        if (Core.Membership.Voters is [var only] && only == _machine.Member) Core.Campaign();
        Pump();
        PlanTick();
    }

    /// <summary>Does something with the core, then what follows from it.</summary>
    public void With(Action<RaftCore> action)
    {
        if (!process.IsAlive) return;
        action(Core);
        Pump();
    }

    /// <summary>As the host's: <paramref name="dropped"/> when nothing was taken.</summary>
    public void Propose(ulong term, IReadOnlyList<ReadOnlyMemory<byte>> entries, Action dropped) => process.HandOver(() => With(core =>
    {
        bool isRefused = _machine.ProposalLoss > 0 && world.Random.Happens(_machine.ProposalLoss);
        if (!isRefused && core.Role == RaftRole.Leader && core.Term == term && core.Propose(entries).IsAccepted) return;
        world.Counts.Add("store: proposal dropped");
        if (isRefused) process.After(world.Random.Between(0, 0.1), dropped);
        else dropped();
    }));

    /// <summary>Told by the control driver after each publication.</summary>
    public void Applied(ulong index, StoreSnapshot state)
    {
        if (index < _snapshotIndex + (ulong)world.Plan.SnapshotEntries) return;
        _snapshotIndex = index;
        process.HandOver(() => With(core => SaveSnapshot(core, index, state)));
    }

    private void SaveSnapshot(RaftCore core, ulong index, StoreSnapshot state)
    {
        if (core.DescribeSnapshot(index) is not { } metadata) return; // a newer one came from the leader meanwhile
        try
        {
            using IRaftSnapshotWriter writer = Storage.CreateSnapshot(metadata);
            SnapshotWriter.Write(state, writer.Content, CancellationToken.None);
            writer.Commit();
        }
        catch (RaftStorageException)
        {
            return; // the disk is full; tried again after as many entries
        }

        world.Counts.Add("raft: snapshot saved");
        world.Trace.Line(process.Name, $"saves a snapshot of v{state.Version} at index {index}");
        core.SnapshotSaved(metadata);
    }

    private void PlanTick() => process.After(world.Plan.TickLength / _machine.Clock.Rate * (0.95 + (0.1 * world.Random.NextDouble())), _tick ??= Tick);

    private void Tick()
    {
        Core.Tick();
        Pump();
        PlanTick();
    }

    private void Receive(RaftMessage message)
    {
        if (!process.IsAlive) return;

        // But for the last word of a leader that has just removed itself.
        bool isRemoved = message is not TimeoutNow && Core.CommittedMembership.IsRemoved(message.From);
        if (isRemoved) _removed = (message.From, Core.Term);
        Core.Step(message);
        Pump();
    }

    private void Pump()
    {
        if (!process.IsAlive) return;
        Ready ready = Core.TakeReady();
        process.Group.Consensus.Check(Core, ready, _durableOf);
        CheckRemoved(ready);
        if (ready.Batch is { } batch) _queued.Add(batch);
        for (int i = 0; i < ready.Messages.Count; i++) Send(ready.Messages[i]);
        Deliver(ready);
        StartSync();
    }

    /// <summary>Who knows that a member was removed neither answers it nor goes by what it says.</summary>
    private void CheckRemoved(Ready ready)
    {
        if (_removed is not { } removed) return;
        _removed = null;
        world.Counts.Add("raft: removed member ignored");
        BreachException.Require(
            ready.Term == removed.Term && ready.Messages.All(m => m.To != removed.Member), Breach.Consensus, $"{process.Name} listens to {removed.Member}, which it knows to be removed");
    }

    private void Deliver(Ready ready)
    {
        var now = (ready.Term, ready.Role, ready.Leader, ready.LeaderIsEstablished);
        if (ready.Restore is null && ready.Committed.Count == 0 && ready.Reads.Count == 0 && now == _told) return;
        _told = now;
        (StoreSnapshot State, ulong Index)? restored = ready.Restore is { } snapshot ? (ReadSnapshot(snapshot), snapshot.Index) : null;
        if (restored is { } r) _snapshotIndex = r.Index;
        process.HandOver(() => process.Control.PostFromRaft(new ConsensusProgress(restored, ready.Committed, ready.Reads, ready.Term, ready.Role, ready.Leader)));
    }

    private void StartSync()
    {
        if (_isSyncing || _queued.Count == 0 || !process.IsAlive) return;
        List<PersistBatch> batches = _queued;
        _queued = [];
        _isSyncing = true;
        try
        {
            foreach (PersistBatch batch in batches) Storage.Append(batch);
        }
        catch (RaftStorageException)
        {
            // The role fails; whoever supervises it starts it again.
            _machine.CrashFor(TimeSpan.FromSeconds(1), "its disk does not take a write");
            return;
        }

        process.After(SyncTime(), () =>
        {
            try
            {
                Storage.Sync();
            }
            catch (RaftStorageException)
            {
                world.Counts.Add("raft: sync failed");
                _machine.CrashFor(TimeSpan.FromSeconds(1), "its disk does not sync");
                return;
            }

            _isSyncing = false;
            Core.Persisted(batches[^1].Sequence);
            Pump();
            StartSync();
        });
    }

    private TimeSpan SyncTime() => (world.Plan.LongestSync * (0.1 + (0.9 * world.Random.NextDouble()))) + _machine.ExtraSync;

    private void Send(RaftMessage message)
    {
        if (world.MachineOf(message.To, process.Group) is not { } receiver)
        {
            if (message is InstallSnapshot) process.After(TimeSpan.FromMilliseconds(100), () => Report(message.To, arrived: false));
            return;
        }

        if (message is not InstallSnapshot install)
        {
            world.Network.Send(_machine.Endpoint, receiver.Endpoint, message, DeliveryTo(receiver));
            return;
        }

        world.Counts.Add("raft: snapshot sent");
        byte[] content = ReadContent(install.Snapshot);
        world.Network.Send(
            _machine.Endpoint,
            receiver.Endpoint,
            message,
            m => Report(message.To, receiver.Member == message.To && Receiver(receiver)?.ReceiveSnapshot((InstallSnapshot)m, content) == true),
            () => Report(message.To, arrived: false));
    }

    private Action<RaftMessage> DeliveryTo(ManagerMachine receiver) => _deliveries[receiver.Endpoint.Number] ??= message => Receiver(receiver)?.Receive(message);

    /// <summary>Of the same incarnation, as the transport checks it.</summary>
    private RaftDriver? Receiver(ManagerMachine machine) => machine.Process is { } other && other.Group == process.Group ? other.Raft : null;

    private void Report(MemberId receiver, bool arrived) => With(core => core.ReportSnapshot(receiver, arrived));

    private bool ReceiveSnapshot(InstallSnapshot message, byte[] content)
    {
        try
        {
            using IRaftSnapshotWriter writer = Storage.CreateSnapshot(message.Snapshot);
            writer.Content.Write(content);
            writer.Commit();
        }
        catch (RaftStorageException)
        {
            return false;
        }

        Receive(message);
        return true;
    }

    private StoreSnapshot ReadSnapshot(SnapshotMetadata snapshot)
    {
        using Stream content = Storage.OpenSnapshot(snapshot);
        StoreSnapshot state = SnapshotReader.Read(content, CancellationToken.None);
        world.History.CheckRestored(process.Name, state);
        return state;
    }

    private byte[] ReadContent(SnapshotMetadata snapshot)
    {
        using Stream stream = Storage.OpenSnapshot(snapshot);
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
