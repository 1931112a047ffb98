using Cluster.Agent.Sessions;
using Cluster.Agent.Tasks;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Agent.Hosting;

/// <summary>What others want of the loop that owns the core.</summary>
internal abstract record LoopInput
{
    private LoopInput()
    {
    }

    public sealed record Happened(AgentEvent Event) : LoopInput;

    public sealed record HelloWanted(NodeDescription Description, TaskCompletionSource<SessionHello> Answer) : LoopInput;

    public sealed record OwnedWanted(TaskCompletionSource<IReadOnlyList<TaskId>> Answer) : LoopInput;
}
