namespace Cluster.Store.Sequencing;

public enum SubmitStatus
{
    /// <summary>The effect, if there is any, is committed and applied here.</summary>
    Committed,

    /// <summary>The body refused (or the sequencer, with LimitExceeded), and the state that it saw is committed.</summary>
    Refused,

    /// <summary>Leadership or the proposal was lost: it may or may not commit. A retry with the same request id is safe.</summary>
    Unknown,

    /// <summary>Not attempted: ask the leader.</summary>
    NotLeader,

    /// <summary>The body threw: a bug. Nothing was changed.</summary>
    Faulted,
}
