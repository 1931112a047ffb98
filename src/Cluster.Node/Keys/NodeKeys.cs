using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Node.Keys;

/// <summary>All that makes this machine a certain node of a certain cluster. Never printed.</summary>
internal sealed record NodeKeys
{
    public required ClusterId ClusterId { get; init; }

    public required NodeId NodeId { get; init; }

    public required NodeRole Role { get; init; }

    public required ImmutableArray<byte> RootCertificateDer { get; init; }

    /// <summary>The node's certificate first, then intermediates; DER.</summary>
    public required ImmutableArray<ImmutableArray<byte>> CertificateChainDer { get; init; }

    public required ImmutableArray<byte> PrivateKeyPkcs8 { get; init; }

    /// <summary>host:port of the managers, as last heard.</summary>
    public ImmutableArray<string> Managers { get; init; } = [];

    /// <summary>Set on managers.</summary>
    public ManagerKeys? Manager { get; init; }

    public override string ToString() => $"keys of node {NodeId}";
}

/// <summary>What the manager role needs beside the node's identity.</summary>
internal sealed record ManagerKeys
{
    public required ulong RaftMemberId { get; init; }

    public required ulong Incarnation { get; init; }

    /// <summary>32 bytes: seals log and snapshots.</summary>
    public required ImmutableArray<byte> DataKey { get; init; }

    public required string ListenAddress { get; init; }

    public required string AdvertiseAddress { get; init; }

    public override string ToString() => "***";
}
