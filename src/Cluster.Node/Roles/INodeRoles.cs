using System.Collections.Immutable;
using System.Net.Security;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Rpc;

namespace Cluster.Node.Roles;

/// <summary>Makes and starts the roles; the daemon's wiring implements it on Manager and Agent, which never see each other.</summary>
public interface INodeRoles
{
    /// <summary>Makes the first state of a new cluster: its root, its secrets, and its first node with a certificate for the request.</summary>
    Task<Result<Foundation>> FoundAsync(FoundationRequest request, CancellationToken ct);

    /// <summary>A new log with all that the old one holds and one member, for a manager whose quorum is lost; gives its incarnation.</summary>
    ulong Revive(RevivalRequest request);

    /// <summary>A new log with the state of a backup and one member, and that member's node with a certificate for the request.</summary>
    Task<Result<RestoredCluster>> RestoreAsync(RestoreRequest request, CancellationToken ct);

    /// <summary>Returns when the manager answers: with a foundation when that is committed, joining others when it counts among them.</summary>
    Task<IManagerRole> StartManagerAsync(ManagerRoleSettings settings, CancellationToken ct);

    /// <summary>Returns at once; the agent finds its manager by itself.</summary>
    Task<IAgentRole> StartAgentAsync(AgentRoleSettings settings, CancellationToken ct);
}

public sealed record FoundationRequest(ReadOnlyMemory<byte> CsrDer, string AdvertiseAddress, ulong RaftMemberId, ClusterSpec Spec, NodeAvailability Availability, string Hostname)
{
    /// <summary>Null: one is made. Without its key, an external authority of the spec signs.</summary>
    public RootAuthority? Root { get; init; }
}

public sealed record Foundation(ClusterRecord Cluster, NodeRecord Node);

/// <param name="DirectoryOf">Where the log of an incarnation is.</param>
public sealed record RevivalRequest(
    ClusterId ClusterId, NodeId NodeId, ulong Incarnation, ulong RaftMemberId, ImmutableArray<byte> DataKey, ImmutableArray<ImmutableArray<byte>> OlderDataKeys,
    string AdvertiseAddress, Func<ulong, string> DirectoryOf);

/// <param name="DirectoryOf">Where the log of an incarnation is.</param>
public sealed record RestoreRequest(
    Stream Backup, ReadOnlyMemory<byte> CsrDer, string AdvertiseAddress, ulong RaftMemberId, ImmutableArray<byte> DataKey, string Hostname, Func<ulong, string> DirectoryOf);

public sealed record RestoredCluster(ClusterRecord Cluster, NodeRecord Node, ulong Incarnation);

public sealed record ManagerRoleSettings
{
    public required ClusterId ClusterId { get; init; }

    public required NodeId NodeId { get; init; }

    public required ulong RaftMemberId { get; init; }

    public required ulong Incarnation { get; init; }

    /// <summary>Seals what is written.</summary>
    public required ImmutableArray<byte> DataKey { get; init; }

    /// <summary>Open what was written before.</summary>
    public ImmutableArray<ImmutableArray<byte>> OlderDataKeys { get; init; } = [];

    /// <summary>Told how the cluster wants its managers' keys sealed, as far as this manager knows: at the start, and with each change.</summary>
    public required Action<ClusterLock> LockChanged { get; init; }

    public required string ListenAddress { get; init; }

    public required string AdvertiseAddress { get; init; }

    public required ClusterTrust Trust { get; init; }

    public required Func<SslStreamCertificateContext> ServerCertificate { get; init; }

    /// <summary>Where log and snapshots are; empty for a new member.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>Set once, for the first manager of a new cluster.</summary>
    public Foundation? Foundation { get; init; }

    /// <summary>host:port of the managers to join; set once, for a further manager.</summary>
    public ImmutableArray<string> JoinThrough { get; init; } = [];
}

public sealed record AgentRoleSettings
{
    public required ClusterId ClusterId { get; init; }

    public required NodeId NodeId { get; init; }

    public required ImmutableArray<string> Managers { get; init; }

    public required RpcClientTls Tls { get; init; }

    public required string StateDirectory { get; init; }

    /// <summary>Told when a manager sends another list of managers, so that it outlives a restart.</summary>
    public required Action<ImmutableArray<string>> ManagersChanged { get; init; }

    /// <summary>Told of what this node is to be, and of the digest of the roots that it is to believe, with each session and when they change.</summary>
    public required Action<NodeRole, ImmutableArray<byte>> IdentityWanted { get; init; }

    /// <summary>Told with each session which incarnation of the cluster it is. Any thread.</summary>
    public required Action<ulong> IncarnationHeard { get; init; }

    /// <summary>Told that a manager serves this node again when it has renewed its certificate.</summary>
    public required Action RenewalWanted { get; init; }
}
