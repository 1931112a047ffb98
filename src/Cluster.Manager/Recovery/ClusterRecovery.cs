using System.Collections.Immutable;
using Cluster.Api.Codec;
using Cluster.Control.Commands;
using Cluster.Manager.Certificates;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Snapshots;

namespace Cluster.Manager.Recovery;

/// <summary>
/// Lets a cluster go on with one manager when its quorum is lost for good, or from a backup. What comes out is a log of a new
/// incarnation in a directory of its own: managers, agents and logs of before are recognised by theirs and are never mixed with it.
/// </summary>
public static class ClusterRecovery
{
    /// <summary>
    /// A log with all that the old one holds, also what it does not know to be committed: a quorum that is lost may have acknowledged it.
    /// Nothing may have the old one open; it is left as it is.
    /// </summary>
    /// <param name="old">Of the manager that goes on.</param>
    /// <param name="node">Its node.</param>
    /// <param name="address">Where others reach it.</param>
    /// <param name="directoryOf">Where the log of an incarnation is.</param>
    /// <param name="now">The wall clock.</param>
    /// <returns>The new log's incarnation.</returns>
    public static ulong Revive(LogIdentity old, NodeId node, string address, Func<ulong, string> directoryOf, DateTimeOffset now)
    {
        StoreSnapshot state = ReadState(old);
        NodeRecord self = state.GetNode(node) ?? throw new InvalidOperationException($"node {node} is not in the state of its own log: it was removed from the cluster");
        ulong incarnation = NextIncarnation(state, now);
        LogIdentity log = old with { Directory = directoryOf(incarnation), Incarnation = incarnation };
        WriteLog(log, state, self with { Manager = new ManagerInfo(old.RaftMemberId, address, FeatureLevels.Supported) });
        return incarnation;
    }

    /// <summary>A log with what a backup holds, for a machine that becomes the cluster's only manager with a new certificate of its root.</summary>
    public static async Task<Result<(ClusterRecord Cluster, NodeRecord Node, ulong Incarnation)>> RestoreAsync(
        Stream backup,
        ReadOnlyMemory<byte> csrDer,
        string hostname,
        ulong raftMemberId,
        string address,
        ImmutableArray<byte> dataKey,
        Func<ulong, string> directoryOf,
        IIdSource ids,
        TimeProvider timeProvider,
        CancellationToken ct)
    {
        StoreSnapshot state;
        try
        {
            state = SnapshotReader.Read(backup, CancellationToken.None);
        }
        catch (SnapshotFormatException e)
        {
            return Refusal.Invalid($"the backup cannot be restored: {e.Message}");
        }
        catch (FeatureLevelException e)
        {
            return Refusal.FailedPrecondition($"the backup cannot be restored: {e.Message}");
        }

        if (state.Cluster is not { } cluster) return Refusal.Invalid("the backup holds no cluster");
        ulong incarnation = NextIncarnation(state, timeProvider.GetUtcNow());
        Result<NodeRecord> self = await NewManagerAsync(cluster, csrDer, hostname, raftMemberId, address, ids, timeProvider, ct);
        if (self.Refusal is { } refusal) return refusal;
        WriteLog(new LogIdentity(directoryOf(incarnation), cluster.Id, incarnation, raftMemberId, dataKey), state, self.Value);
        return (cluster, self.Value, incarnation);
    }

    /// <summary>Higher than that of the state, and than any that was begun before now on another machine.</summary>
    private static ulong NextIncarnation(StoreSnapshot state, DateTimeOffset now) => Math.Max(state.Incarnation + 1, (ulong)now.ToUnixTimeSeconds());

    private static StoreSnapshot ReadState(LogIdentity log)
    {
        using FileRaftStorage storage = log.Open();
        RecoveredLog recovered = storage.Recovered;
        if (recovered.IsEmpty) throw new InvalidOperationException($"the log in {log.Directory} is empty");
        StoreReplica replica = new(new StoreReplicaOptions());
        if (recovered.Snapshot is { } snapshot)
        {
            using Stream content = storage.OpenSnapshot(snapshot);
            replica.Restore(SnapshotReader.Read(content, CancellationToken.None));
        }

        foreach (LogEntry entry in recovered.Entries)
        {
            if (entry.Index > (recovered.Snapshot?.Index ?? 0) && entry.Kind == EntryKind.Data) replica.Apply(entry.Data);
        }

        return replica.Committed;
    }

    private static async Task<Result<NodeRecord>> NewManagerAsync(
        ClusterRecord cluster, ReadOnlyMemory<byte> csrDer, string hostname, ulong raftMemberId, string address, IIdSource ids, TimeProvider timeProvider, CancellationToken ct)
    {
        SigningRequest request = SigningRequest.Read(csrDer.Span) is { IsOk: true } read ? read.Value : throw new InvariantException("a node's own request is not valid");
        NodeId id = new(ids.Next());
        using ExternalSigner external = new(static () => null, timeProvider);
        Result<ImmutableArray<byte>> certificate = await new CertificateSigner(external, timeProvider).SignAsync(cluster, request, new CertificateIdentity(cluster.Id, id, NodeRole.Manager), ct);
        if (certificate.Refusal is { } refusal) return refusal;
        return new NodeRecord
        {
            Id = id,
            Spec = new NodeSpec { Role = NodeRole.Manager },
            Description = new NodeDescription { Hostname = hostname },
            Certificate = new NodeCertificate(request.PublicKeyDigest, certificate.Value, NodeRole.Manager, RootAuthority.DigestOf(RootChain.Issuing(cluster).CertificateDer)),
            Manager = new ManagerInfo(raftMemberId, address, FeatureLevels.Supported),
        };
    }

    /// <summary>The log that begins with the state, with one member; whole when this returns.</summary>
    private static void WriteLog(LogIdentity log, StoreSnapshot state, NodeRecord survivor)
    {
        WorkingTransaction transaction = new(state.BeginIncarnation(log.Incarnation), state.Time);
        RecoveryCommands.KeepOneManager(transaction, survivor);
        StoreSnapshot start = transaction.Seal();

        using FileRaftStorage storage = log.Open();
        if (!storage.Recovered.IsEmpty) throw new InvalidOperationException($"there is a log in {log.Directory} already");
        LogPosition position = new(1, 1);
        SnapshotMetadata metadata = new(position, Membership.OfVoters(new MemberId(log.RaftMemberId)));
        using (IRaftSnapshotWriter writer = storage.CreateSnapshot(metadata))
        {
            SnapshotWriter.Write(start, writer.Content, CancellationToken.None);
            writer.Commit();
        }

        storage.Persist(new PersistBatch(0, new HardState(1, MemberId.None, position.Index), new SnapshotMark(position, position.Index, ResetsLog: true), []));
    }
}
