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

    /// <summary>The next write or sync of a manager's disk fails, and with it the manager.</summary>
    FailingDisk,

    /// <summary>A manager's disk is gone: it comes back as a new member of the group.</summary>
    LostDisk,

    /// <summary>Consensus takes some proposals and not others for a while, and says so late.</summary>
    ProposalsRefused,

    /// <summary>All managers are given up but one, who goes on with what it has.</summary>
    ForcedNewCluster,

    /// <summary>The cluster goes on from an earlier state.</summary>
    RestoredBackup,
    WallClockStep,

    /// <summary>A manager's clocks run too fast or too slow.</summary>
    ClockDrift,
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
