using Cluster.Model.Ids;

namespace Cluster.Agent.Networking;

/// <summary>
/// The kernel's network state of this node: list, diff, apply. Each operation is idempotent and holds after a restart.
/// </summary>
public interface INetworkPlane
{
    /// <summary>Gives the task its network: a namespace on the node's NATed bridge with its host ports forwarded, the host's, or none.</summary>
    Task<NetworkSandbox> AttachAsync(NetworkRequest request, CancellationToken ct);

    /// <summary>Takes away all that <see cref="AttachAsync"/> made; nothing there is success.</summary>
    Task DetachAsync(TaskId taskId, CancellationToken ct);

    /// <summary>Removes what belongs to tasks other than these and repairs what is missing of theirs. Called at start.</summary>
    Task ReconcileAsync(IReadOnlyCollection<NetworkRequest> wanted, CancellationToken ct);
}
