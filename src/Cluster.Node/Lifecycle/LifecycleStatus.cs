using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Node.Lifecycle;

internal enum LifecycleState { Inactive, Starting, Active, Error, Locked }

internal sealed record LifecycleStatus
{
    public static readonly LifecycleStatus Inactive = new();

    public static readonly LifecycleStatus Locked = new() { State = LifecycleState.Locked, Error = "only the cluster's unlock key opens this manager's keys: run 'cluster node unlock'" };

    public LifecycleState State { get; init; }

    public NodeId NodeId { get; init; }

    public ClusterId ClusterId { get; init; }

    public NodeRole Role { get; init; }

    public string Error { get; init; } = "";

    public ImmutableArray<string> Managers { get; init; } = [];

    public DateTime CertificateNotAfterUtc { get; init; }
}
