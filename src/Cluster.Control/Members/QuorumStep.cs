using Cluster.Model.Ids;

namespace Cluster.Control.Members;

/// <summary>The next thing to do so that the Raft group becomes what the nodes' rows say.</summary>
public abstract record QuorumStep
{
    private QuorumStep()
    {
    }

    /// <summary>A new manager begins to receive the log.</summary>
    public sealed record AddLearner(ulong Member) : QuorumStep;

    /// <summary>A learner that has caught up begins to count.</summary>
    public sealed record AddVoter(ulong Member) : QuorumStep;

    public sealed record Remove(ulong Member) : QuorumStep;

    /// <summary>The leader itself has to go: another one leads first.</summary>
    public sealed record TransferLeadership(ulong To) : QuorumStep;

    /// <summary>A node's member is out of the group: its row says so, and the node may become a worker.</summary>
    public sealed record Release(NodeId Node, ulong Member) : QuorumStep;
}
