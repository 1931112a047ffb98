using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Control.Commands;

/// <summary>What <c>node init</c> has made for a new cluster: identity, root, secrets, and the first manager with its certificate.</summary>
public sealed record ClusterInit
{
    public required ClusterId ClusterId { get; init; }

    public ClusterSpec Spec { get; init; } = new();

    public required RootAuthority Root { get; init; }

    public required JoinSecrets JoinSecrets { get; init; }

    public ClusterLock Lock { get; init; } = ClusterLock.Open;

    public required NodeId NodeId { get; init; }

    /// <summary>SHA-256 of the first manager's SubjectPublicKeyInfo; see <see cref="Certificates.PublicKeyDigest"/>.</summary>
    public required ImmutableArray<byte> PublicKeyDigest { get; init; }

    public required ImmutableArray<byte> CertificateDer { get; init; }

    public NodeSpec NodeSpec { get; init; } = new();

    public NodeDescription Description { get; init; } = new();

    public required ManagerInfo Manager { get; init; }
}
