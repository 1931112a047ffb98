namespace Cluster.Simulation.Faults;

/// <summary>What goes wrong.</summary>
internal enum FaultKind
{
    /// <summary>A manager dies, with what it had not synced, and comes back.</summary>
    ManagerCrash,
    LeaderCrash,
    AllManagersCrash,
    SlowDisk,
    FullDisk,
    WallClockStep,
    LeadershipTransfer,
    ManagersPartitioned,
    ManagerDeafOrMute,
    MessagesLost,
    NetworkSlow,

    /// <summary>An agent and the managers do not reach each other, in one direction or both.</summary>
    AgentCut,
    ConnectionReset,
    AgentCrash,
    AgentCrashStateLost,
    MachinePowerLoss,
    RuntimeTemporary,
    RuntimeFatal,
    RuntimeSlow,
    ContainerCompleted,
    ContainerFailed,
    ContainerOutOfMemory,
}
