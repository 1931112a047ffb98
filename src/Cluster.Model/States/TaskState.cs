namespace Cluster.Model.States;

/// <summary>
/// The life of a task, with Swarm's values (moby/swarmkit api/types.proto). The observed state only ever grows. Managers write
/// up to <see cref="Assigned"/>, and <see cref="Orphaned"/>; the agent writes <see cref="Accepted"/> to <see cref="Rejected"/>.
/// </summary>
public enum TaskState
{
    /// <summary>Made by an orchestrator; what it needs from the cluster is not allocated yet.</summary>
    New = 0,

    /// <summary>Allocated; waits for a node.</summary>
    Pending = 64,

    /// <summary>A node was chosen; it is final.</summary>
    Assigned = 192,

    /// <summary>The agent stored the task.</summary>
    Accepted = 256,

    /// <summary>Networks, mounts, image and container are being made.</summary>
    Preparing = 320,

    /// <summary>Could be started; waits for the desired state Running.</summary>
    Ready = 384,

    Starting = 448,

    Running = 512,

    /// <summary>Ended by itself with exit code 0.</summary>
    Complete = 576,

    /// <summary>Ended because it was asked to.</summary>
    Shutdown = 640,

    /// <summary>Ended with an error.</summary>
    Failed = 704,

    /// <summary>Could not run on its node.</summary>
    Rejected = 768,

    /// <summary>Only desired: delete the row once the task has ended.</summary>
    Remove = 800,

    /// <summary>Its node was removed or has been down for too long; nobody will report about it again.</summary>
    Orphaned = 832,
}

public static class TaskStates
{
    /// <summary>Whether a task in this observed state will never run (again).</summary>
    public static bool IsTerminal(this TaskState state) => state > TaskState.Running;
}
