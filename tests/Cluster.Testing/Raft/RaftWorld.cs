using System.Buffers.Binary;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;

namespace Cluster.Testing.Raft;

/// <summary>
/// Members, network, disks and clients under virtual time, all from one seed: first chaos, then calm, in which everything must come right.
/// </summary>
public sealed class RaftWorld
{
    private readonly List<SimulatedRaftMember> _members = [];
    private readonly List<(ulong Index, ulong Term)> _acknowledged = [];
    private readonly RaftOptions _raft;
    private readonly RaftFaults _faults;
    private readonly SimulatedRaftNetwork _network;
    private ulong _nextValue;
    private ulong _nextToken;

    public RaftWorld(int seed, RaftWorldOptions? options = null)
    {
        Random = new Random(seed);
        Options = options ?? RaftWorldOptions.Draw(Random);
        _raft = new RaftOptions
        {
            MaxAppendBytes = Random.Next(2) == 0 ? 100 : 10_000,
            MaxInFlightAppends = Random.Next(1, 20),
            MaxUncommittedBytes = 20_000,
            TrailingEntries = Random.Next(0, 50),
            StorageStallTicks = 20,
        };
        _network = new SimulatedRaftNetwork(Timeline, Random, Coverage)
        {
            Loss = Options.Loss,
            Duplication = Options.Duplication,
            MinDelay = Options.MinDelay,
            MaxDelay = Options.MaxDelay,
        };
        _faults = new RaftFaults(this, _network);
        for (var i = 0; i < Options.Voters; i++)
            AddMember();
        var membership = Membership.OfVoters(_members.Select(m => m.Id));
        foreach (var member in _members)
        {
            using (var storage = member.Disk.Open())
                RaftBootstrap.Initialize(storage, membership);
            member.Start(_raft);
        }
    }

    public VirtualTimeline Timeline { get; } = new();

    public Random Random { get; }

    public RaftWorldOptions Options { get; }

    public RaftInvariants Invariants { get; } = new();

    public RaftCoverage Coverage { get; } = new();

    public IReadOnlyList<SimulatedRaftMember> Members => _members;

    public SimulatedRaftMember? Leader =>
        _members.Where(m => m.Core is { LeaderIsEstablished: true }).OrderByDescending(m => m.Core!.Term).FirstOrDefault();

    public bool IsCalm { get; private set; }

    /// <summary>Runs to the end, or throws what was violated.</summary>
    public void Run()
    {
        PlanClient();
        _faults.Plan();
        RunUntil(Options.ChaosMilliseconds);
        IsCalm = true;
        _network.Heal();
        (_network.Loss, _network.Duplication, _network.MaxDelay) = (0, 0, 5);
        foreach (var member in _members)
        {
            (member.Disk.IsFull, member.ExtraSyncDelay, member.PausedUntil) = (false, 0, 0);
            if (!member.IsUp)
                Restart(member);
        }

        var end = Timeline.Now + Options.CalmMilliseconds;
        var probes = 0;
        while (!HasConverged(ref probes))
        {
            if (!Timeline.Step(end))
                throw new RaftInvariantException($"no agreement after {Options.CalmMilliseconds} ms of calm: {Describe()}");
        }

        foreach (var (index, term) in _acknowledged)
            Invariants.CheckAcknowledged(index, term);
        Coverage.Count("acknowledged", _acknowledged.Count);
        Coverage.Count("terms", (long)_members.Where(m => m.IsUp).Max(m => m.Core!.Term));
    }

    internal SimulatedRaftMember AddMember()
    {
        var member = new SimulatedRaftMember(this, new MemberId((ulong)Random.NextInt64(1, long.MaxValue)));
        _members.Add(member);
        return member;
    }

    internal void Restart(SimulatedRaftMember member) => member.Start(_raft);

    internal void CrashFor(SimulatedRaftMember member, int milliseconds)
    {
        if (!member.IsUp)
            return;
        Coverage.Count(member.Core!.Role == RaftRole.Leader ? "crash of leader" : "crash");
        if (member.Disk.UnsyncedCount > 0)
            Coverage.Count("crash with unsynced writes");
        member.Crash();
        Timeline.After(milliseconds, () =>
        {
            member.Disk.IsFull = false;
            if (!member.IsUp)
                Restart(member);
        });
    }

    internal DurableLog? DurableOf(MemberId id) => _members.FirstOrDefault(m => m.Id == id)?.Disk.Durable;

    internal int SyncDelay() => Random.Next(0, IsCalm ? 3 : Options.MaxSyncDelay + 1);

    internal void Acknowledge(ulong index, ulong term) => _acknowledged.Add((index, term));

    internal void Send(SimulatedRaftMember sender, RaftMessage message)
    {
        if (_members.FirstOrDefault(m => m.Id == message.To) is not { } receiver)
            return;
        if (message is not InstallSnapshot install)
        {
            _network.Send(message, receiver.Receive);
            return;
        }

        Coverage.Count("snapshot sent");
        void Report(bool arrived) => sender.With(core => core.ReportSnapshot(receiver.Id, arrived));
        if (sender.ReadSnapshot(install.Snapshot) is { } content)
            _network.Send(message, m => Report(receiver.ReceiveSnapshot((InstallSnapshot)m, content)), () => Report(arrived: false));
        else
            Timeline.After(1, () => Report(arrived: false));
    }

    private void RunUntil(long end)
    {
        while (Timeline.Step(end))
        {
        }
    }

    private void PlanClient() => Timeline.After(Random.Next(1, (2 * Options.ClientMilliseconds) + 1), () =>
    {
        if (IsCalm)
            return;
        // Old leaders that do not know it yet are asked as often as the true one.
        var leaders = _members.Where(m => m.Core?.Role == RaftRole.Leader).ToList();
        var member = leaders.Count > 0 && Random.Next(4) != 0 ? leaders[Random.Next(leaders.Count)] : _members[Random.Next(_members.Count)];
        if (Random.Next(4) == 0)
            member.Read(_nextToken++);
        else
            member.Propose([.. Enumerable.Range(0, Random.Next(1, 5)).Select(_ => NextValue())]);
        PlanClient();
    });

    private ReadOnlyMemory<byte> NextValue()
    {
        var value = new byte[Random.Next(8, 40)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, _nextValue++);
        return value;
    }

    /// <summary>A leader, a value proposed in calm, and everybody in the configuration with the same state.</summary>
    private bool HasConverged(ref int probes)
    {
        if (Leader is not { } leader)
            return false;
        if (probes == 0 || (Timeline.Now % 1_000 == 0 && probes < 20))
        {
            probes++;
            leader.Propose(NextValue());
        }

        var core = leader.Core;
        if (core is null || core.CommitIndex != core.LastIndex || core.Membership.IsJoint)
            return false;
        return core.Membership.Members.All(id =>
            _members.First(m => m.Id == id) is { IsUp: true } member && member.Applied == core.CommitIndex && member.State == leader.State);
    }

    private string Describe() => string.Join("; ", _members.Select(m =>
        m.Core is { } core
            ? $"{m.Id} {core.Role} term {core.Term} commit {core.CommitIndex} last {core.LastIndex} {core.Membership} {DescribeBook(core)}"
            : $"{m.Id} down"));

    private static string DescribeBook(RaftCore core) =>
        string.Join(", ", core.DescribeStatus().Members.Select(p => $"[{p.Id} {p.State} match {p.Match} next {p.Next} in flight {p.InFlight} {p.IsActive}]"));
}
