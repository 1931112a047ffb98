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

    /// <summary>Set while the root is exchanged for another one.</summary>
    public RootRotation? Rotation { get; init; }

    /// <summary>Oldest first, a few: by their cross-signatures a node that slept through rotations finds its way to the present root.</summary>
    public ValueList<FormerRoot> FormerRoots { get; init; } = [];

    /// <summary>Counts each beginning and each end of a rotation.</summary>
    public ulong RootGeneration { get; init; }

    /// <summary>What all managers can read; see <see cref="FeatureLevels"/>.</summary>
    public int FeatureLevel { get; init; } = FeatureLevels.First;
}

/// <summary>The secret halves of the join tokens, one for each role. Never printed.</summary>
public sealed record JoinSecrets(UInt128 Worker, UInt128 Manager)
{
    public override string ToString() => "***";
}
