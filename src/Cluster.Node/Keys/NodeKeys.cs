using System.Collections.Immutable;
using Cluster.Model.Certificates;
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

    /// <summary>While the root is exchanged for another one: that one, else empty.</summary>
    public ImmutableArray<byte> NextRootCertificateDer { get; init; } = [];

    /// <summary>Counts the changes of the roots.</summary>
    public ulong RootGeneration { get; init; }

    /// <summary>The roots that this node believes.</summary>
    public ImmutableArray<ImmutableArray<byte>> RootsDer => NextRootCertificateDer.IsEmpty ? [RootCertificateDer] : [RootCertificateDer, NextRootCertificateDer];

    /// <summary>The same keys with other roots.</summary>
    public NodeKeys Believing(TrustedRoots roots) => this with
    {
        RootCertificateDer = roots.TrustedDer[0],
        NextRootCertificateDer = roots.TrustedDer.Length > 1 ? roots.TrustedDer[1] : [],
        RootGeneration = roots.Generation,
    };

    /// <summary>The node's certificate first, then intermediates; DER.</summary>
    public required ImmutableArray<ImmutableArray<byte>> CertificateChainDer { get; init; }

    public required ImmutableArray<byte> PrivateKeyPkcs8 { get; init; }

    /// <summary>host:port of the managers, as last heard.</summary>
    public ImmutableArray<string> Managers { get; init; } = [];

    /// <summary>host:port on which this node listens as a manager; empty: the default.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>host:port by which others reach this node as a manager; on a worker it may be empty: found out when it is promoted.</summary>
    public string AdvertiseAddress { get; init; } = "";

    /// <summary>Set on managers.</summary>
    public ManagerKeys? Manager { get; init; }

    public override string ToString() => $"keys of node {NodeId}";
}

/// <summary>What the manager role needs beside the node's identity.</summary>
internal sealed record ManagerKeys
{
    public required ulong RaftMemberId { get; init; }

    public required ulong Incarnation { get; init; }

    /// <summary>32 bytes: seals what is written of log and snapshots from now on.</summary>
    public required ImmutableArray<byte> DataKey { get; init; }

    /// <summary>Those that a file of log or snapshots is still sealed under, the newest first.</summary>
    public ImmutableArray<ImmutableArray<byte>> OlderDataKeys { get; init; } = [];

    /// <summary>The newest lock of the cluster's that this store has followed.</summary>
    public ulong LockGeneration { get; init; }

    public override string ToString() => "***";
}
