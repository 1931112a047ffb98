namespace Cluster.Raft;

/// <summary>Why a proposal was not taken. Nothing was appended in any of these cases.</summary>
public enum ProposalRefusal
{
    None = 0,

    /// <summary>Ask <see cref="ProposalResult.Leader"/>.</summary>
    NotLeader = 1,

    /// <summary>Leadership is being handed over; ask again shortly.</summary>
    TransferringLeadership = 2,

    /// <summary>Too many bytes wait for a quorum (<see cref="RaftOptions.MaxUncommittedBytes"/>).</summary>
    TooMuchUncommitted = 3,

    /// <summary>An entry is over <see cref="RaftOptions.MaxEntryBytes"/>, or there was none.</summary>
    InvalidSize = 4,

    /// <summary>A configuration is not committed yet, or the leader has not committed an entry of its own term.</summary>
    ConfigurationPending = 5,

    /// <summary>The change leaves no voter, concerns a member that is not there, or an id that was removed.</summary>
    InvalidConfiguration = 6,
}
