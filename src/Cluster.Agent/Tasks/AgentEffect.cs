using Cluster.Agent.Networking;
using Cluster.Agent.Sessions;
using Cluster.Model.Ids;

namespace Cluster.Agent.Tasks;

/// <summary>What <see cref="AgentCore"/> asks its shell to do. Each is done in the order given and does not block the next.</summary>
public abstract record AgentEffect
{
    private AgentEffect()
    {
    }

    /// <summary>Ends with exactly one <see cref="AgentEvent.OperationEnded"/> of the same id, unless the shell itself ends.</summary>
    public sealed record StartOperation(TaskId TaskId, long OperationId, TaskOperation Operation) : AgentEffect;

    /// <summary>A request: the operation still ends with its event, cancelled or not.</summary>
    public sealed record CancelOperation(TaskId TaskId, long OperationId) : AgentEffect;

    /// <summary>Ends with <see cref="AgentEvent.NetworksReconciled"/>. No task is prepared or removed meanwhile.</summary>
    public sealed record ReconcileNetworks(IReadOnlyList<NetworkRequest> Wanted) : AgentEffect;

    public sealed record Send(long Session, AgentMessage Message) : AgentEffect;

    /// <summary>The session is of no use any more: end it and open another, with another manager if there is one.</summary>
    public sealed record CloseSession(long Session, string Reason) : AgentEffect;
}
