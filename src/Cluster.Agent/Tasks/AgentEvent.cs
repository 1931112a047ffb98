using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Model.Ids;

namespace Cluster.Agent.Tasks;

/// <summary>What may happen to <see cref="AgentCore"/>. Events of a session carry its number, so that those of one that has ended are ignored.</summary>
public abstract record AgentEvent
{
    private AgentEvent()
    {
    }

    /// <summary>Once after the start: all that this machine holds of tasks. No operation starts before it.</summary>
    public sealed record MachineListed(IReadOnlyList<RuntimeTask> Tasks) : AgentEvent;

    /// <param name="Session">Greater than every number before.</param>
    public sealed record SessionOpened(long Session, SessionWelcome Welcome) : AgentEvent;

    public sealed record SessionClosed(long Session) : AgentEvent;

    /// <summary>A message of the manager, except log requests, which do not concern the state machine.</summary>
    public sealed record Received(long Session, ManagerMessage Message) : AgentEvent;

    public sealed record OperationEnded(TaskId TaskId, long OperationId, OperationOutcome Outcome) : AgentEvent;

    /// <param name="Error">Null when it succeeded.</param>
    public sealed record NetworksReconciled(string? Error) : AgentEvent;

    /// <summary>Time passed: given at <see cref="AgentCore.NextWake"/> or later.</summary>
    public sealed record TimeElapsed : AgentEvent
    {
        public static readonly TimeElapsed Instance = new();
    }
}
