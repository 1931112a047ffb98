using System.Buffers.Binary;
using Cluster.Raft;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;

namespace Cluster.Testing.Raft;

/// <summary>
/// A host for one core under virtual time: a writer whose syncs take a while and join what waits, a state machine that is a digest, and snapshots.
/// </summary>
public sealed class SimulatedRaftMember
{
    private readonly RaftWorld _world;
    private readonly Dictionary<ulong, (ulong Term, ulong Hash)> _proposals = [];
    private readonly Dictionary<ulong, ulong> _reads = [];
    private List<PersistBatch> _queued = [];
    private IRaftStorage? _storage;
    private bool _isSyncing;
    private ulong _applied;
    private ulong _digest;
    private ulong _snapshotIndex;
    private int _life;

    internal SimulatedRaftMember(RaftWorld world, MemberId id)
    {
        _world = world;
        Id = id;
    }

    public MemberId Id { get; }

    public SimulatedRaftDisk Disk { get; } = new();

    /// <summary>Null while it is down.</summary>
    public RaftCore? Core { get; private set; }

    public bool IsUp => Core is not null;

    public ulong Applied => _applied;

    public ulong State => _digest;

    public int ExtraSyncDelay { get; set; }

    /// <summary>Until then it does nothing and notices nothing, as a process does that the machine has stopped.</summary>
    public long PausedUntil { get; set; }

    public void Start(RaftOptions options)
    {
        _life++;
        _storage = Disk.Open();
        var recovered = _storage.Recovered;
        (_queued, _isSyncing, _applied, _digest, _snapshotIndex) = ([], false, 0, 0, 0);
        if (recovered.Snapshot is { } snapshot)
            Restore(snapshot);
        _world.Invariants.Restarted(Id);
        Core = new RaftCore(Id, options, recovered, new Random(_world.Random.Next()));
        Pump();
        PlanTick(_life);
    }

    public void Crash()
    {
        Core = null;
        _storage = null;
        _proposals.Clear();
        _reads.Clear();
        Disk.Crash(_world.Random);
    }

    public void Receive(RaftMessage message)
    {
        if (Deferred(() => Receive(message)) || Core is null)
            return;
        Core.Step(message);
        Pump();
    }

    /// <returns>Whether it has arrived; at one that is paused it does not.</returns>
    public bool ReceiveSnapshot(InstallSnapshot message, byte[] content)
    {
        if (Core is null || PausedUntil > _world.Timeline.Now)
            return false;
        using (var writer = _storage!.CreateSnapshot(message.Snapshot))
        {
            writer.Content.Write(content);
            try
            {
                writer.Commit();
            }
            catch (RaftStorageException)
            {
                return false;
            }
        }

        Receive(message);
        return true;
    }

    public void Propose(params ReadOnlyMemory<byte>[] data)
    {
        if (Deferred(() => Propose(data)) || Core is null)
            return;
        var result = Core.Propose(data);
        for (var i = 0; i < data.Length && result.IsAccepted; i++)
        {
            var entry = new LogEntry(result.FirstIndex + (ulong)i, result.Term, EntryKind.Data, data[i]);
            _proposals[entry.Index] = (entry.Term, RaftInvariants.HashOf(entry));
        }

        Pump();
    }

    public void Read(ulong token)
    {
        if (Deferred(() => Read(token)) || Core is null)
            return;
        _reads[token] = _world.Invariants.MaxCommit;
        Core.ReadIndex(token);
        Pump();
    }

    /// <summary>Does something with the core, if it is up, and carries out what follows.</summary>
    public void With(Action<RaftCore> action)
    {
        if (Core is null)
            return;
        action(Core);
        Pump();
    }

    private void PlanTick(int life) => _world.Timeline.After(_world.Random.Next(45, 56), () =>
    {
        if (life != _life || Core is null)
            return;
        if (PausedUntil <= _world.Timeline.Now)
        {
            Core.Tick();
            Pump();
        }

        PlanTick(life);
    });

    private bool Deferred(Action action)
    {
        if (PausedUntil <= _world.Timeline.Now)
            return false;
        var life = _life;
        _world.Timeline.After(PausedUntil - _world.Timeline.Now, () =>
        {
            if (life == _life)
                action();
        });
        return true;
    }

    private void Pump()
    {
        while (Core is { } core)
        {
            var ready = core.TakeReady();
            _world.Invariants.Check(core, ready, _world.DurableOf);
            if (ready.Batch is { } batch)
                _queued.Add(batch);
            foreach (var message in ready.Messages)
                _world.Send(this, message);
            if (ready.Restore is { } snapshot)
                Restore(snapshot);
            foreach (var entry in ready.Committed)
                Apply(entry);
            foreach (var read in ready.Reads)
                Answer(read);
            MaybeSnapshot(core);
            StartSync();
            if (ready.Batch is null && ready.Messages.Count == 0 && ready.Committed.Count == 0 && ready.Restore is null)
                return;
        }
    }

    private void StartSync()
    {
        if (_isSyncing || _queued.Count == 0 || Core is null)
            return;
        var (batches, life) = (_queued, _life);
        _queued = [];
        _isSyncing = true;
        try
        {
            foreach (var batch in batches)
                _storage!.Append(batch);
        }
        catch (RaftStorageException)
        {
            _world.Coverage.Count("disk full");
            _world.CrashFor(this, 500);
            return;
        }

        _world.Timeline.After(_world.SyncDelay() + ExtraSyncDelay, () =>
        {
            if (life != _life || Core is null)
                return;
            _storage!.Sync();
            _isSyncing = false;
            _world.Coverage.Count(batches.Count > 1 ? "joined sync" : "sync");
            Synced(batches[^1].Sequence);
        });
    }

    private void Synced(ulong sequence)
    {
        if (Deferred(() => Synced(sequence)) || Core is null)
            return;
        Core.Persisted(sequence);
        Pump();
        StartSync();
    }

    private void Apply(LogEntry entry)
    {
        RaftInvariants.Require(entry.Index == _applied + 1, $"{Id} is given {entry.Index} after {_applied}");
        _applied = entry.Index;
        _digest = RaftInvariants.Digest(_digest, entry);
        _world.Invariants.Applied(Id, entry.Index, entry.Term, _digest);
        if (!_proposals.Remove(entry.Index, out var proposal))
            return;
        if (proposal.Term == entry.Term)
            _world.Acknowledge(entry.Index, entry.Term);
        else
            _world.Coverage.Count("proposal lost");
    }

    private void Answer(ReadResult read)
    {
        if (!_reads.Remove(read.Token, out var committedWhenAsked))
            throw new RaftInvariantException($"{Id} answers the read {read.Token} that nobody waits for");
        _world.Coverage.Count(read.Confirmed ? "read" : "read refused");
        if (read.Confirmed)
            RaftInvariants.CheckRead(Id, read.Index, committedWhenAsked);
    }

    private void MaybeSnapshot(RaftCore core)
    {
        if (_applied < _snapshotIndex + (ulong)_world.Options.SnapshotEntries)
            return;
        if (core.DescribeSnapshot(_applied) is not { } metadata)
            return;
        using var writer = _storage!.CreateSnapshot(metadata);
        Span<byte> content = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(content, _applied);
        BinaryPrimitives.WriteUInt64LittleEndian(content[8..], _digest);
        writer.Content.Write(content);
        try
        {
            writer.Commit();
        }
        catch (RaftStorageException)
        {
            return;
        }

        _world.Coverage.Count("snapshot saved");
        _snapshotIndex = _applied;
        core.SnapshotSaved(metadata);
    }

    private void Restore(SnapshotMetadata snapshot)
    {
        var content = ReadSnapshot(snapshot)!;
        _applied = BinaryPrimitives.ReadUInt64LittleEndian(content);
        _digest = BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(8));
        _snapshotIndex = _applied;
        RaftInvariants.Require(_applied == snapshot.Index, $"{Id} restored {_applied} for {snapshot.Index}");
        _world.Invariants.CheckRestored(Id, _applied, _digest);
        foreach (var index in _proposals.Keys.Where(i => i <= _applied).ToList())
            _proposals.Remove(index);
    }

    internal byte[]? ReadSnapshot(SnapshotMetadata snapshot)
    {
        try
        {
            using var stream = _storage!.OpenSnapshot(snapshot);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
        catch (RaftStorageException)
        {
            return null;
        }
    }
}
