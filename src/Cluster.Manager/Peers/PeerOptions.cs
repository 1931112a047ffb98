using System.Net.Security;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Raft;

namespace Cluster.Manager.Peers;

/// <summary>Who this manager is to the others, and what it believes.</summary>
internal sealed record PeerOptions
{
    public required ClusterId ClusterId { get; init; }

    public required ulong Incarnation { get; init; }

    public required MemberId Self { get; init; }

    /// <summary>host:port, as the others reach this manager.</summary>
    public required string AdvertiseAddress { get; init; }

    public required ClusterTrust Trust { get; init; }

    public required Func<SslStreamCertificateContext> Certificate { get; init; }

    /// <summary>For the jitter of reconnects; used on one thread at a time.</summary>
    public required Random Random { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
