using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;

namespace Cluster.Agent.Tasks;

/// <summary>Something that takes time, done for one task. A task has at most one at a time; all can be repeated.</summary>
public abstract record TaskOperation
{
    private TaskOperation()
    {
    }

    /// <summary>Attach the network, then make the container in it. Succeeds with <see cref="OperationOutcome.Succeeded"/>.</summary>
    public sealed record Prepare(NetworkRequest Network, TaskPlan Plan) : TaskOperation;

    /// <summary>Succeeds with <see cref="OperationOutcome.Started"/>.</summary>
    public sealed record Start : TaskOperation;

    /// <summary>Succeeds with <see cref="OperationOutcome.Exited"/>.</summary>
    public sealed record Wait : TaskOperation;

    public sealed record Stop(StopOptions Options) : TaskOperation;

    /// <summary>Remove the container, then detach its network.</summary>
    public sealed record Remove : TaskOperation;

    /// <summary>Remove the logs, the last that is left.</summary>
    public sealed record Purge : TaskOperation;
}

/// <summary>How a <see cref="TaskOperation"/> ended.</summary>
public abstract record OperationOutcome
{
    private OperationOutcome()
    {
    }

    public sealed record Succeeded : OperationOutcome
    {
        public static readonly Succeeded Instance = new();
    }

    public sealed record Started(int Pid) : OperationOutcome;

    public sealed record Exited(ContainerExit Exit) : OperationOutcome;

    public sealed record Failed(string Error, bool IsTemporary) : OperationOutcome;

    /// <summary>It was cancelled; how much of it was done is unknown.</summary>
    public sealed record Cancelled : OperationOutcome
    {
        public static readonly Cancelled Instance = new();
    }
}
