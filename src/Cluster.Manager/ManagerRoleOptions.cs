using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store.Sequencing;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager;

public sealed record ManagerRoleOptions
{
    public required ClusterId ClusterId { get; init; }

    public required NodeId NodeId { get; init; }

    public required ulong RaftMemberId { get; init; }

    public required ulong Incarnation { get; init; }

    /// <summary>32 bytes that seal what is written of log and snapshots.</summary>
    public required ImmutableArray<byte> DataKey { get; init; }

    /// <summary>Those that open what was written before.</summary>
    public ImmutableArray<ImmutableArray<byte>> OlderDataKeys { get; init; } = [];

    /// <summary>
    /// Told how the cluster wants its managers' keys sealed, as far as this manager knows: at the start, and with each change. Must neither wait
    /// nor throw.
    /// </summary>
    public Action<ClusterLock> LockChanged { get; init; } = static _ => { };

    public required IPEndPoint ListenAddress { get; init; }

    /// <summary>host:port, as other nodes reach this manager.</summary>
    public required string AdvertiseAddress { get; init; }

    public required ClusterTrust Trust { get; init; }

    public required Func<SslStreamCertificateContext> ServerCertificate { get; init; }

    public required string LogDirectory { get; init; }

    /// <summary>The rows of a new cluster, for its first manager.</summary>
    public (ClusterRecord Cluster, NodeRecord Node)? Foundation { get; init; }

    /// <summary>host:port of managers of the cluster that this one is to join, for one whose log is empty.</summary>
    public ImmutableArray<string> JoinThrough { get; init; } = [];

    /// <summary>How much may be changed at once, and be on its way.</summary>
    public SequencerOptions Sequencer { get; init; } = new();

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public required ILoggerFactory Loggers { get; init; }
}
