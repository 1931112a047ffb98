using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Members;

/// <summary>
/// Compares the rows of the managers with the members of the Raft group and names one step towards equality, or none. Level-triggered:
/// whoever leads asks again after each step, and nothing is remembered in between.
/// </summary>
public static class QuorumPlan
{
    /// <param name="view">Committed.</param>
    /// <param name="self">The member that leads.</param>
    /// <param name="members">All of the newest configuration, which is committed.</param>
    public static QuorumStep? Next(StoreView view, ulong self, IReadOnlyList<QuorumMember> members)
    {
        List<NodeRecord> managers = [.. view.Nodes.Where(node => node.Manager is not null)];
        HashSet<ulong> wanted = [.. managers.Where(IsWanted).Select(node => node.Manager!.RaftMemberId)];
        HashSet<ulong> present = [.. members.Select(member => member.Id)];

        // New ones come before old ones go, so that a manager that is exchanged for another leaves no gap.
        foreach (NodeRecord node in managers)
        {
            if (IsWanted(node) && !present.Contains(node.Manager!.RaftMemberId)) return new QuorumStep.AddLearner(node.Manager.RaftMemberId);
        }

        foreach (QuorumMember member in members)
        {
            if (wanted.Contains(member.Id) && !member.IsVoter && member is { IsCaughtUp: true, IsActive: true }) return new QuorumStep.AddVoter(member.Id);
        }

        foreach (QuorumMember member in members)
        {
            if (wanted.Contains(member.Id) || !MayRemove(member.Id, members)) continue;
            if (member.Id != self) return new QuorumStep.Remove(member.Id);
            foreach (QuorumMember successor in members)
            {
                if (successor.Id != self && successor is { IsVoter: true, IsActive: true, IsCaughtUp: true } && wanted.Contains(successor.Id)) return new QuorumStep.TransferLeadership(successor.Id);
            }
        }

        foreach (NodeRecord node in managers)
        {
            if (!IsWanted(node) && !present.Contains(node.Manager!.RaftMemberId)) return new QuorumStep.Release(node.Id, node.Manager.RaftMemberId);
        }

        return null;
    }

    /// <summary>Whether the group without the member could still decide anything.</summary>
    public static bool MayRemove(ulong member, IReadOnlyList<QuorumMember> members)
    {
        int rest = members.Count(m => m.IsVoter && m.Id != member);
        int active = members.Count(m => m is { IsVoter: true, IsActive: true } && m.Id != member);
        return rest > 0 && active >= rest / 2 + 1;
    }

    private static bool IsWanted(NodeRecord node) => node.Spec.Role == NodeRole.Manager;
}
