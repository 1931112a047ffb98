using System.Text;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;
using Cluster.Testing.Raft;
using Xunit;

namespace Cluster.UnitTests.Raft;

/// <summary>A few members for dialogues: nothing moves unless the test says so. Members are named by small numbers.</summary>
internal sealed class RaftGroup
{
    private readonly SortedDictionary<ulong, Member> _members = [];
    private readonly HashSet<ulong> _isolated = [];
    private readonly RaftOptions _options;

    public RaftGroup(int voters, RaftOptions? options = null)
    {
        _options = options ?? new RaftOptions { TrailingEntries = 0 };
        var membership = Membership.OfVoters(Enumerable.Range(1, voters).Select(i => new MemberId((ulong)i)));
        for (ulong id = 1; id <= (ulong)voters; id++)
        {
            var member = _members[id] = new Member(id);
            using (var storage = member.Disk.Open())
                RaftBootstrap.Initialize(storage, membership);
            Start(id);
        }
    }

    /// <summary>Sent and not delivered yet.</summary>
    public List<RaftMessage> Wire { get; } = [];

    public int Delivered { get; private set; }

    public RaftCore this[ulong id] => _members[id].Core!;

    public SimulatedRaftDisk DiskOf(ulong id) => _members[id].Disk;

    public List<LogEntry> AppliedBy(ulong id) => _members[id].Applied;

    public IEnumerable<string> DataAppliedBy(ulong id) =>
        AppliedBy(id).Where(e => e.Kind == EntryKind.Data).Select(e => Encoding.UTF8.GetString(e.Data.Span));

    public List<ReadResult> ReadsOf(ulong id) => _members[id].Reads;

    public SnapshotMetadata? RestoredBy(ulong id) => _members[id].Restored;

    public static MemberId Id(ulong id) => new(id);

    public void AddMember(ulong id)
    {
        _members[id] = new Member(id);
        Start(id);
    }

    /// <summary>Stops syncing, so that what needs it is held back.</summary>
    public void HoldSyncs(ulong id, bool hold = true) => _members[id].HoldsSyncs = hold;

    public void Isolate(params ulong[] ids) => _isolated.UnionWith(ids);

    public void Heal() => _isolated.Clear();

    public void Start(ulong id)
    {
        var member = _members[id];
        member.Storage = member.Disk.Open();
        member.Applied.Clear();
        member.Core = new RaftCore(new MemberId(id), _options, member.Storage.Recovered, new Random((int)id));
        Pump(id);
    }

    public void Crash(ulong id)
    {
        var member = _members[id];
        member.Core = null;
        member.Waiting.Clear();
        member.Disk.Crash(new Random(0));
    }

    public void Restart(ulong id)
    {
        Crash(id);
        Start(id);
    }

    public void Tick(ulong id, int times = 1)
    {
        for (; times > 0; times--)
        {
            this[id].Tick();
            Pump(id);
        }
    }

    /// <summary>Ticks all that are up, and delivers what they say.</summary>
    public void TickAll(int times)
    {
        for (; times > 0; times--)
        {
            foreach (var (id, member) in _members)
            {
                if (member.Core is not null)
                    Tick(id);
            }

            Deliver();
        }
    }

    public void Elect(ulong id)
    {
        this[id].Campaign();
        Pump(id);
        Deliver();
        Assert.Equal(RaftRole.Leader, this[id].Role);
    }

    public ProposalResult Propose(ulong id, params string[] data)
    {
        var result = this[id].Propose([.. data.Select(d => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(d))]);
        Pump(id);
        return result;
    }

    public ProposalResult Change(ulong id, params MembershipChange[] changes)
    {
        var result = this[id].ProposeConfiguration(changes);
        Pump(id);
        return result;
    }

    public void Step(RaftMessage message)
    {
        this[message.To.Value].Step(message);
        Pump(message.To.Value);
    }

    /// <summary>Saves a snapshot of what a member has applied.</summary>
    public void SaveSnapshot(ulong id, bool keepTrailing = true)
    {
        var member = _members[id];
        var metadata = member.Core!.DescribeSnapshot(member.AppliedIndex)!;
        using (var writer = member.Storage!.CreateSnapshot(metadata))
        {
            writer.Content.Write("state"u8);
            writer.Commit();
        }

        member.Core.SnapshotSaved(metadata, keepTrailing);
        Pump(id);
    }

    /// <summary>Delivers until nobody says anything more; what a filter refuses is lost.</summary>
    public void Deliver(Func<RaftMessage, bool>? filter = null)
    {
        for (var left = 100_000; Wire.Count > 0; left--)
        {
            Assert.True(left > 0, "The members do not stop talking.");
            var message = Wire[0];
            Wire.RemoveAt(0);
            if (filter is null || filter(message))
                Deliver(message);
        }
    }

    public void Pump(ulong id)
    {
        var member = _members[id];
        while (member.Core is { } core)
        {
            var ready = core.TakeReady();
            Wire.AddRange(ready.Messages);
            if (ready.Restore is { } snapshot)
                member.Restore(snapshot);
            foreach (var entry in ready.Committed)
                member.Apply(entry);
            member.Reads.AddRange(ready.Reads);
            if (ready.Batch is { } batch)
                member.Waiting.Add(batch);
            if (member.Waiting.Count > 0 && !member.HoldsSyncs)
            {
                core.Persisted(member.Storage!.Persist([.. member.Waiting]));
                member.Waiting.Clear();
                continue;
            }

            if (ready.Batch is null && ready.Messages.Count == 0)
                return;
        }
    }

    private void Deliver(RaftMessage message)
    {
        if (_isolated.Contains(message.From.Value) || _isolated.Contains(message.To.Value) || !_members.TryGetValue(message.To.Value, out var receiver))
            return;
        if (receiver.Core is null)
            return;
        Delivered++;
        if (message is InstallSnapshot install)
        {
            using var writer = receiver.Storage!.CreateSnapshot(install.Snapshot);
            writer.Content.Write("state"u8);
            writer.Commit();
        }

        Step(message);
        if (message is not InstallSnapshot || _members[message.From.Value].Core is not { } sender)
            return;
        sender.ReportSnapshot(message.To, succeeded: true);
        Pump(message.From.Value);
    }

    private sealed class Member(ulong id)
    {
        public ulong Id => id;

        public SimulatedRaftDisk Disk { get; } = new();

        public IRaftStorage? Storage { get; set; }

        public RaftCore? Core { get; set; }

        public bool HoldsSyncs { get; set; }

        public List<PersistBatch> Waiting { get; } = [];

        public List<LogEntry> Applied { get; } = [];

        public ulong AppliedIndex { get; private set; }

        public List<ReadResult> Reads { get; } = [];

        public SnapshotMetadata? Restored { get; private set; }

        public void Apply(LogEntry entry)
        {
            Applied.Add(entry);
            AppliedIndex = entry.Index;
        }

        public void Restore(SnapshotMetadata snapshot)
        {
            Restored = snapshot;
            AppliedIndex = snapshot.Index;
        }
    }
}
