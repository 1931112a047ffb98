namespace Cluster.Store.Sequencing;

public enum LeadershipState
{
    Follower,

    /// <summary>Leads, but has not yet applied an entry of its own term, so it may not know all that is committed. Submissions wait.</summary>
    CatchingUp,

    Leading,
}
