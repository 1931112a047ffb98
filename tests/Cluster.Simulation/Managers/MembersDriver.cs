using Cluster.Control.Commands;
using Cluster.Control.Members;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Simulation.World;

namespace Cluster.Simulation.Managers;

/// <summary>The twin of the manager's quorum keeper: while this manager leads, it makes the group what the nodes' rows say.</summary>
internal sealed class MembersDriver(SimulationWorld world, ManagerProcess process)
{
    /// <summary>As in the manager role, but for the smaller logs here.</summary>
    private const ulong CaughtUpWithin = 20;

    public void Tick()
    {
        if (!process.Control.IsLeading) return;
        RaftCore core = process.Raft.Core;
        RaftStatus status = core.DescribeStatus();
        if (status.Role != RaftRole.Leader || status.Membership.IsJoint || !ReferenceEquals(core.Membership, core.CommittedMembership)) return;
        if (QuorumPlan.Next(process.Control.Published, status.Self.Value, [.. status.Membership.Members.Select(id => MemberOf(status, id))]) is not { } step) return;
        world.Counts.Add($"members: {step.GetType().Name}");
        world.Trace.Line(process.Name, $"changes the group: {step}");
        Take(step);
    }

    private static QuorumMember MemberOf(RaftStatus status, MemberId id)
    {
        MemberStatus? seen = status.Members.FirstOrDefault(member => member.Id == id);
        bool isSelf = id == status.Self;
        return new QuorumMember(id.Value, status.Membership.IsVoter(id), isSelf || IsCaughtUp(seen, status), isSelf || seen is { IsActive: true });
    }

    /// <summary>One that waits for a snapshot is not, however short the log behind that is.</summary>
    private static bool IsCaughtUp(MemberStatus? seen, RaftStatus status) =>
        seen is { Match: > 0 } && seen.Match + 1 >= status.FirstIndex && seen.Match + CaughtUpWithin >= status.LastIndex;

    private void Take(QuorumStep step)
    {
        switch (step)
        {
            case QuorumStep.AddLearner learner:
                Change(MembershipChange.AddLearner(new MemberId(learner.Member)));
                break;
            case QuorumStep.AddVoter voter:
                Change(MembershipChange.AddVoter(new MemberId(voter.Member)));
                break;
            case QuorumStep.Remove removed:
                Change(MembershipChange.Remove(new MemberId(removed.Member)));
                break;
            case QuorumStep.TransferLeadership transfer:
                process.Raft.With(core => core.TransferLeadership(new MemberId(transfer.To)));
                break;
            case QuorumStep.Release release:
                process.Control.Post(() => process.Control.Submit("members", tx => ManagerCommands.Release(tx, release.Node, release.Member)));
                break;
        }
    }

    private void Change(MembershipChange change) => process.Raft.With(core =>
    {
        if (!core.ProposeConfiguration([change]).IsAccepted) world.Counts.Add("members: refused");
    });
}
