namespace Cluster.Simulation.Invariants;

/// <summary>What must hold, by the name under which a run reports that it did not.</summary>
internal enum Breach
{
    /// <summary>A task's observed or desired state went back, or it ended twice.</summary>
    StateWentBack,

    /// <summary>A task's node, slot, service or template changed.</summary>
    TaskMoved,

    /// <summary>Two tasks live in one slot.</summary>
    SlotTwice,

    /// <summary>A port of a node is held by two tasks, by one that has ended, or by one without a claim.</summary>
    PortTwice,

    /// <summary>Reservations exceed what a node has.</summary>
    Overcommitted,

    /// <summary>What was acknowledged is not in the history, or not as it was asked for, or a retry had another answer or effect.</summary>
    AcknowledgedLost,

    /// <summary>There is no order of what clients asked of an object that explains the answers.</summary>
    NotLinearizable,

    /// <summary>A manager told an agent less than it knew already.</summary>
    ServedBehind,

    /// <summary>Two managers have different states at one version, or a version follows another one than before.</summary>
    ReplicasDiffer,

    /// <summary>The kernel writes although nothing changed, or a new one finds work that the old one missed.</summary>
    IdleKernelWrites,

    /// <summary>The kernel's caches are not what a rebuild gives.</summary>
    CachesDiffer,

    /// <summary>A process was started twice for one task.</summary>
    ContainerTwice,

    /// <summary>An agent ended a container that the managers want.</summary>
    WantedRemoved,

    /// <summary>A row refers to one that is not there, or changed in a way that nobody asked for.</summary>
    RowsInconsistent,

    /// <summary>After the calm something was not as it should be.</summary>
    NotConverged,

    /// <summary>Consensus broke one of its own promises.</summary>
    Consensus,

    /// <summary>The product itself found a bug, or threw.</summary>
    Product,
}
