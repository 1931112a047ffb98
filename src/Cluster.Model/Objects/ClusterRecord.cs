using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Model.Objects;

/// <summary>The cluster itself: exactly one row.</summary>
public sealed record ClusterRecord
{
    public required ClusterId Id { get; init; }

    public ObjectMeta Meta { get; init; }

    public ClusterSpec Spec { get; init; } = new();

    public required RootAuthority Root { get; init; }

    public required JoinSecrets JoinSecrets { get; init; }

    /// <summary>What <see cref="ClusterSpec.Autolock"/> asks for, carried out by every manager for itself.</summary>
    public ClusterLock Lock { get; init; } = ClusterLock.Open;

    /// <summary>What all managers can read; see <see cref="FeatureLevels"/>.</summary>
    public int FeatureLevel { get; init; } = FeatureLevels.First;
}

/// <summary>The root certificate (DER) and its key (PKCS#8). Never printed.</summary>
public sealed record RootAuthority(ImmutableArray<byte> CertificateDer, ImmutableArray<byte> KeyPkcs8)
{
    public bool Equals(RootAuthority? other) =>
        other is not null && CertificateDer.AsSpan().SequenceEqual(other.CertificateDer.AsSpan())
        && KeyPkcs8.AsSpan().SequenceEqual(other.KeyPkcs8.AsSpan());

    public override int GetHashCode() => CertificateDer.IsDefaultOrEmpty ? 0 : CertificateDer.Length;

    public override string ToString() => "***";
}

/// <summary>The secret halves of the join tokens, one for each role. Never printed.</summary>
public sealed record JoinSecrets(UInt128 Worker, UInt128 Manager)
{
    public override string ToString() => "***";
}
