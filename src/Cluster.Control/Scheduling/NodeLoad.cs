using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Control.Scheduling;

/// <summary>A node with what its tasks take of it.</summary>
internal sealed class NodeLoad(NodeId id)
{
    public NodeId Id { get; } = id;

    /// <summary>Null when the node was removed and tasks still name it.</summary>
    public NodeRecord? Node { get; set; }

    /// <summary>Reserved by tasks that have not ended, also by those that are being stopped.</summary>
    public Resources Reserved { get; set; }

    /// <summary>Tasks that have not ended.</summary>
    public int Live { get; set; }

    /// <summary>Tasks that have not ended and are to run: what is spread.</summary>
    public int Active { get; set; }

    public bool IsAvailable => Node is { Status.State: NodeState.Ready, Spec.Availability: NodeAvailability.Active };

    public bool Has(Resources wanted) =>
        (wanted.NanoCpus <= 0 || Node!.Description.Resources.NanoCpus - Reserved.NanoCpus >= wanted.NanoCpus)
        && (wanted.MemoryBytes <= 0 || Node!.Description.Resources.MemoryBytes - Reserved.MemoryBytes >= wanted.MemoryBytes);
}
