using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Node.Lifecycle;

internal enum LifecycleState { Inactive, Starting, Active, Error }

internal sealed record LifecycleStatus
{
    public static readonly LifecycleStatus Inactive = new();

    public LifecycleState State { get; init; }

    public NodeId NodeId { get; init; }

    public ClusterId ClusterId { get; init; }

    public NodeRole Role { get; init; }

    public string Error { get; init; } = "";

    public ImmutableArray<string> Managers { get; init; } = [];

    public DateTime CertificateNotAfterUtc { get; init; }
}
