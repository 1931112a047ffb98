using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Tokens;
using Cluster.Node.Joining;

namespace Cluster.Node.Lifecycle;

internal sealed record InitSettings(string AdvertiseAddress, string ListenAddress, NodeAvailability Availability, ClusterSpec Spec)
{
    /// <summary>Null: the cluster makes its own.</summary>
    public RootAuthority? Root { get; init; }
}

/// <param name="Cluster">Null when the cluster was there before.</param>
internal sealed record InitOutcome(NodeId NodeId, ClusterRecord? Cluster, string ManagerAddress);

internal sealed record JoinSettings(JoinToken Token, IReadOnlyList<string> Managers, string ListenAddress, string AdvertiseAddress, JoinDetails Details);

internal sealed record JoinOutcome(NodeId NodeId, NodeRole Role);
