using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Model.Objects;

public sealed record NodeRecord
{
    public required NodeId Id { get; init; }

    public ObjectMeta Meta { get; init; }

    public NodeSpec Spec { get; init; } = new();

    public NodeDescription Description { get; init; } = new();

    public NodeStatus Status { get; init; } = new();

    public required NodeCertificate Certificate { get; init; }

    /// <summary>Set on managers.</summary>
    public ManagerInfo? Manager { get; init; }
}

/// <summary>What the node says of itself.</summary>
public sealed record NodeDescription
{
    public string Hostname { get; init; } = "";

    public string Os { get; init; } = "";

    /// <summary><c>amd64</c>, <c>arm64</c>, …</summary>
    public string Architecture { get; init; } = "";

    public Resources Resources { get; init; }

    public string EngineVersion { get; init; } = "";

    public Labels EngineLabels { get; init; } = Labels.Empty;
}

public sealed record NodeStatus
{
    public NodeState State { get; init; } = NodeState.Unknown;

    public string Message { get; init; } = "";

    public string Address { get; init; } = "";

    /// <summary>When <see cref="State"/> last changed.</summary>
    public ClusterTime Since { get; init; }

    /// <summary>How far the node's wall clock is ahead of the leader's; negative: behind.</summary>
    public TimeSpan ClockSkew { get; init; }
}

/// <summary>The node's current certificate, found again by the digest of its public key.</summary>
/// <param name="PublicKeyDigest">SHA-256 of its SubjectPublicKeyInfo.</param>
/// <param name="CertificateDer">The certificate.</param>
/// <param name="Role">That it was issued for.</param>
/// <param name="IssuerDigest">SHA-256 of the root that issued it, DER; empty in rows from before roots could change.</param>
public sealed record NodeCertificate(ImmutableArray<byte> PublicKeyDigest, ImmutableArray<byte> CertificateDer, NodeRole Role, ImmutableArray<byte> IssuerDigest)
{
    public NodeCertificate(ImmutableArray<byte> publicKeyDigest, ImmutableArray<byte> certificateDer, NodeRole role)
        : this(publicKeyDigest, certificateDer, role, [])
    {
    }

    public bool Equals(NodeCertificate? other) =>
        other is not null && Role == other.Role && PublicKeyDigest.AsSpan().SequenceEqual(other.PublicKeyDigest.AsSpan())
        && CertificateDer.AsSpan().SequenceEqual(other.CertificateDer.AsSpan()) && IssuerDigest.AsSpan().SequenceEqual(other.IssuerDigest.AsSpan());

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(PublicKeyDigest.AsSpan());
        return hash.ToHashCode();
    }
}

/// <param name="FeatureLevel">The highest that the manager's build can read.</param>
public sealed record ManagerInfo(ulong RaftMemberId, string Address, int FeatureLevel = FeatureLevels.First);
