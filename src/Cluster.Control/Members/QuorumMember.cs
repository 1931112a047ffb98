namespace Cluster.Control.Members;

/// <summary>A member of the managers' Raft group, as its leader sees it.</summary>
/// <param name="IsVoter">Counts for the quorum; a learner only receives the log.</param>
/// <param name="IsCaughtUp">Has nearly all of the leader's log, so that it does not hold the quorum up when it begins to count.</param>
/// <param name="IsActive">Was heard of lately.</param>
public readonly record struct QuorumMember(ulong Id, bool IsVoter, bool IsCaughtUp, bool IsActive);
