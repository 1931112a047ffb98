namespace Cluster.Raft.Storage;

public enum RaftStorageError
{
    /// <summary>Reading, writing or syncing failed.</summary>
    Io = 0,

    /// <summary>No space is left; opening again works when there is some.</summary>
    DiskFull = 1,

    /// <summary>Another process has it open.</summary>
    Locked = 2,

    /// <summary>Written by a later program.</summary>
    UnknownVersion = 3,

    /// <summary>Another cluster's, incarnation's or member's.</summary>
    ForeignIdentity = 4,

    /// <summary>The data key does not open it.</summary>
    WrongKey = 5,

    /// <summary>What was synced is damaged. Going on would lose acknowledged writes; the member must be replaced or restored.</summary>
    Corrupt = 6,
}
