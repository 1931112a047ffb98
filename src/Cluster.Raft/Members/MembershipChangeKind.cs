namespace Cluster.Raft.Members;

public enum MembershipChangeKind
{
    Unspecified = 0,

    /// <summary>A new member that receives the log and does not count.</summary>
    AddLearner = 1,

    /// <summary>A new voter, or a learner promoted.</summary>
    AddVoter = 2,

    /// <summary>A voter becomes a learner.</summary>
    Demote = 3,

    /// <summary>Out, and never again under this id.</summary>
    Remove = 4,
}
