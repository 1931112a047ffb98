using Cluster.Control.Commands;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Simulation.Agents;
using Cluster.Simulation.Managers;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Snapshots;
using Cluster.Testing.Raft;

namespace Cluster.Simulation.Faults;

/// <summary>
/// The twin of the manager's cluster recovery, with what an operator does around it: stops all managers, lets the cluster go on with one, from
/// its log or from a backup, as another incarnation, and starts no others that could still decide among themselves.
/// </summary>
internal sealed class ClusterRecovery(SimulationWorld world, Random random)
{
    /// <summary>The quorum is lost for good: one manager goes on with what it has. False: none has anything.</summary>
    public bool ForceNewCluster()
    {
        ManagerMachine[] before = [.. world.Managers.Where(m => m.HasRole && m.Group == world.Group)];
        if (world.History.Head.Cluster is null || before.Length == 0) return false;
        StopAll("the quorum is lost");

        // The longest log has all that was committed. Sometimes it is not that one which survives.
        ManagerMachine[] byLog = [.. before.OrderBy(m => m.Disk.Durable.LastTerm).ThenBy(m => m.Disk.Durable.LastIndex)];
        ManagerMachine survivor = random.OneIn(2) ? byLog[0] : byLog[^1];
        List<(ChangeBatch Batch, StoreSnapshot State)> batches = [];
        StoreSnapshot recovered = ReadState(survivor, batches);
        if (recovered.GetNode(world.AgentOf(survivor).Id) is not { } node)
        {
            foreach (ManagerMachine manager in before) manager.Start();
            return false;
        }

        bool isWhole = world.Group.Consensus.HoldsAllCommitted(survivor.Disk.Durable);
        world.Counts.Add(isWhole ? "restore: all that was committed" : "restore: what one manager had");
        world.Trace.Line(survivor.Address, $"goes on alone from v{recovered.Version}{(isWhole ? "" : ", which is not all that was committed")}");
        ulong? common = isWhole ? null : LastCommon(survivor, recovered, batches);
        if (isWhole)
        {
            foreach ((ChangeBatch batch, StoreSnapshot state) in batches) world.History.Applied("the log of the survivor", batch, state);
        }

        GoOn(survivor, survivor.Member, recovered, node with { Manager = new ManagerInfo(survivor.Member.Value, $"{survivor.Address}:2377") }, common);
        StartOneOf(before, survivor);
        return true;
    }

    /// <summary>A machine becomes the only manager, with a new node, of what a backup holds. False: there is none yet.</summary>
    public bool RestoreBackup()
    {
        IReadOnlyList<StoreSnapshot> states = world.History.States;
        if (states.Count == 0 || states[0].Cluster is null && states[^1].Cluster is null) return false;
        StoreSnapshot backup = states[^random.Next(1, Math.Min(states.Count, 300) + 1)];
        if (backup.Cluster is null) return false;
        ManagerMachine machine = random.Pick(world.Managers);
        ManagerMachine[] before = [.. world.Managers.Where(m => m.HasRole && m.Group == world.Group)];
        StopAll("the cluster is restored from a backup");
        using MemoryStream file = new();
        SnapshotWriter.Write(backup, file, CancellationToken.None);
        file.Position = 0;
        StoreSnapshot recovered = SnapshotReader.Read(file, CancellationToken.None);
        world.Counts.Add("restore: from a backup");
        world.Trace.Line(machine.Address, $"begins with the backup of v{recovered.Version}, the cluster was at v{world.History.Head.Version}");

        AgentNode agent = world.AgentOf(machine);
        MemberId member = new((ulong)random.NextInt64(1, long.MaxValue));
        NodeRecord node = agent.BeginAnew(new ManagerInfo(member.Value, $"{machine.Address}:2377"));
        GoOn(machine, member, recovered, node, recovered.Version);
        agent.Joined(node.Id);
        StartOneOf(before, machine);
        return true;
    }

    private void StopAll(string reason)
    {
        foreach (ManagerMachine manager in world.Managers)
        {
            manager.Crash(reason);
            manager.Disk.FailsNext = false;
        }
    }

    private void GoOn(ManagerMachine machine, MemberId member, StoreSnapshot recovered, NodeRecord survivor, ulong? common)
    {
        ulong incarnation = Math.Max(recovered.Incarnation + 1, (ulong)machine.Clock.Wall.ToUnixTimeSeconds());
        WorkingTransaction transaction = new(recovered.BeginIncarnation(incarnation), recovered.Time);
        RecoveryCommands.KeepOneManager(transaction, survivor);
        StoreSnapshot start = transaction.Seal();
        if (common is null)
        {
            world.Histories.Changed(recovered, start);
        }
        else
        {
            world.Histories.BeginAnew(start);
            world.MachineChecks.TakenBack(recovered);
        }

        world.History.BeginIncarnation(start, recovered, common);
        world.Workload.ManagersLost();
        world.BeginGroup(incarnation);
        machine.BeginGroup(member, Write(start, member));
        machine.Start();
    }

    /// <summary>The log that begins with the state, with one member.</summary>
    private static SimulatedRaftDisk Write(StoreSnapshot start, MemberId member)
    {
        SimulatedRaftDisk disk = new();
        using IRaftStorage storage = disk.Open();
        LogPosition position = new(1, 1);
        SnapshotMetadata metadata = new(position, Membership.OfVoters(member));
        using (IRaftSnapshotWriter writer = storage.CreateSnapshot(metadata))
        {
            SnapshotWriter.Write(start, writer.Content, CancellationToken.None);
            writer.Commit();
        }

        storage.Persist(new PersistBatch(0, new HardState(1, MemberId.None, position.Index), new SnapshotMark(position, position.Index, ResetsLog: true), []));
        return disk;
    }

    /// <summary>All that the log holds, also what it does not know to be committed: a quorum that is lost may have acknowledged it.</summary>
    private static StoreSnapshot ReadState(ManagerMachine machine, List<(ChangeBatch Batch, StoreSnapshot State)> batches)
    {
        using IRaftStorage storage = machine.Disk.Open();
        RecoveredLog recovered = storage.Recovered;
        StoreReplica replica = new(new StoreReplicaOptions());
        if (recovered.Snapshot is { } snapshot)
        {
            using Stream content = storage.OpenSnapshot(snapshot);
            replica.Restore(SnapshotReader.Read(content, CancellationToken.None));
        }

        foreach (LogEntry entry in recovered.Entries)
        {
            if (entry.Index <= (recovered.Snapshot?.Index ?? 0) || entry.Kind != EntryKind.Data) continue;
            if (replica.Apply(entry.Data).Batch is { } batch) batches.Add((batch, replica.Committed));
        }

        return replica.Committed;
    }

    /// <summary>The last version of the survivor's that was committed.</summary>
    private ulong LastCommon(ManagerMachine survivor, StoreSnapshot recovered, List<(ChangeBatch Batch, StoreSnapshot State)> batches)
    {
        ulong last = batches.Count == 0 ? recovered.Version : batches[0].Batch.PreviousVersion;
        foreach ((ChangeBatch batch, StoreSnapshot state) in batches)
        {
            if (!world.History.IsCommitted(batch, state.Incarnation)) break;
            last = batch.Version;
        }

        world.Trace.Line(survivor.Address, $"has what was committed up to v{last}");
        return last;
    }

    /// <summary>Of the newest configuration on its disk.</summary>
    private static int VotersOf(ManagerMachine machine)
    {
        using IRaftStorage storage = machine.Disk.Open();
        LogEntry? newest = storage.Recovered.Entries.LastOrDefault(e => e.Kind == EntryKind.Configuration);
        Membership? membership = newest is not null ? MembershipCodec.Decode(newest.Data.Span) : storage.Recovered.Snapshot?.Membership;
        return membership is { IsJoint: false } known ? known.Voters.Length : 0;
    }

    /// <summary>
    /// An old manager comes back with what it had, unless it could decide something alone: nobody of the new incarnation listens to it, and
    /// sooner or later it hears what it is now.
    /// </summary>
    private void StartOneOf(ManagerMachine[] before, ManagerMachine survivor)
    {
        ManagerMachine[] harmless = [.. before.Where(m => m != survivor && VotersOf(m) >= 3)];
        if (harmless.Length == 0) return;
        ManagerMachine old = random.Pick(harmless);
        world.Queue.Schedule(random.Between(0.1, 3), () =>
        {
            if (!old.HasRole || old.Group == world.Group) return;
            world.Counts.Add("restore: an old manager came back");
            old.StartInOldGroup();
        });
    }
}
