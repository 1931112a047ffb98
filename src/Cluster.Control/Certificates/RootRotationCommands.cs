using System.Collections.Immutable;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Validation;
using Cluster.Store;

namespace Cluster.Control.Certificates;

/// <summary>
/// The exchange of the cluster's root for another one. It begins by a command, with keys and signatures that were made outside, and ends by
/// the rows alone (<see cref="RootRotationLoop"/>), whoever leads by then.
/// </summary>
public static class RootRotationCommands
{
    /// <summary>So many rotations a node may sleep through and still find its way back.</summary>
    public const int MaxFormerRoots = 3;

    public static readonly RequestKind<ClusterRecord> BeginRequest = ClusterCommands.UpdateRequest with { Operation = "cluster.rotate-root" };

    /// <summary>From now on the target issues. A rotation that is under way is given up for this one: its target vouches for nothing any more.</summary>
    /// <param name="transaction">Where it is written.</param>
    /// <param name="presentRootDer">The root that has signed the target.</param>
    /// <param name="rotation">What was made for it.</param>
    /// <param name="change">What else changes of the cluster's settings with it.</param>
    public static Result<ClusterRecord> Begin(WorkingTransaction transaction, ImmutableArray<byte> presentRootDer, RootRotation rotation, Func<ClusterSpec, ClusterSpec> change)
    {
        if (transaction.Cluster is not { } cluster) return ClusterCommands.NoCluster;
        if (!cluster.Root.CertificateDer.AsSpan().SequenceEqual(presentRootDer.AsSpan()))
        {
            return new Refusal(RefusalKind.OutOfSequence, "the cluster has got another root meanwhile: look at it ('cluster node ca'), then try again");
        }

        ClusterSpec spec = change(cluster.Spec);
        if (ClusterSpecValidator.Validate(spec) is { } refusal) return refusal;
        if (CheckSigner(rotation.Target, spec) is { } unsigned) return unsigned;
        transaction.Put(cluster with { Spec = spec, Rotation = rotation, RootGeneration = cluster.RootGeneration + 1 });
        return transaction.Cluster!;
    }

    /// <summary>Null: somebody signs for the root.</summary>
    public static Refusal? CheckSigner(RootAuthority root, ClusterSpec spec) => root.HasKey || spec.ExternalAuthorities.Any(authority => authority.SignsFor(root.CertificateDer))
        ? null
        : Refusal.Invalid("the root's key is not here, and no external authority signs for it: give its key, or an external authority");

    /// <summary>The target becomes the root: the one before vouches for nothing any more, its key is forgotten, and so are the join tokens that name it.</summary>
    public static ClusterRecord Finish(ClusterRecord cluster)
    {
        if (cluster.Rotation is not { } rotation) return cluster;
        FormerRoot former = new(cluster.Root.CertificateDer, rotation.CrossSignedDer);
        return cluster with
        {
            Root = rotation.Target,
            JoinSecrets = rotation.JoinSecrets,
            FormerRoots = cluster.FormerRoots.Items.Add(former).TakeLast(MaxFormerRoots).ToValueList(),
            Rotation = null,
            RootGeneration = cluster.RootGeneration + 1,
        };
    }

    /// <summary>
    /// Whether the rotation waits for the node: while it is there, and for a manager always. Managers must believe each other before anything
    /// can be decided, so one that was left behind could not be helped when it is needed for a majority.
    /// </summary>
    public static bool IsAwaited(NodeRecord node) => node.Manager is not null || node.Status.State is NodeState.Ready or NodeState.Disconnected;

    public static bool HasCertificateOf(NodeRecord node, ImmutableArray<byte> rootDigest) => node.Certificate.IssuerDigest.AsSpan().SequenceEqual(rootDigest.AsSpan());
}
