using System.Collections.Immutable;

namespace Cluster.Model.Objects;

/// <summary>What follows from the roots of a cluster's row.</summary>
public static class RootChain
{
    /// <summary>The root that issues certificates now.</summary>
    public static RootAuthority Issuing(ClusterRecord cluster) => cluster.Rotation?.Target ?? cluster.Root;

    /// <summary>What goes with a certificate of the issuing root, newest first: each leads from a root to the one before it.</summary>
    public static ImmutableArray<ImmutableArray<byte>> CrossSignatures(ClusterRecord cluster)
    {
        IEnumerable<ImmutableArray<byte>> former = cluster.FormerRoots.Items.Reverse().Select(root => root.CrossSignedDer);
        return cluster.Rotation is { } rotation ? [rotation.CrossSignedDer, .. former] : [.. former];
    }

    /// <summary>What nodes are to believe: the root, and during a rotation the next one.</summary>
    public static ImmutableArray<ImmutableArray<byte>> Trusted(ClusterRecord cluster) =>
        cluster.Rotation is { } rotation ? [cluster.Root.CertificateDer, rotation.Target.CertificateDer] : [cluster.Root.CertificateDer];
}
