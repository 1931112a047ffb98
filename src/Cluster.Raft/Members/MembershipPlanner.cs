namespace Cluster.Raft.Members;

/// <summary>Computes the next configuration. Pure.</summary>
internal static class MembershipPlanner
{
    /// <summary>The configuration to append for <paramref name="changes"/>: simple when at most one voter differs, otherwise joint.</summary>
    /// <returns>Null when the changes are not possible or change nothing.</returns>
    public static Membership? Plan(Membership current, IReadOnlyList<MembershipChange> changes)
    {
        Invariant.Check(!current.IsJoint);
        var voters = new SortedSet<MemberId>(current.Voters);
        var learners = new SortedSet<MemberId>(current.Learners);
        var removed = new SortedSet<MemberId>(current.Removed);
        foreach (var change in changes)
        {
            if (!Change(change, voters, learners, removed))
                return null;
        }

        if (voters.Count == 0)
            return null;
        var target = new Membership(voters, [], learners, [], removed);
        if (target.Equals(current))
            return null;

        var added = voters.Except(current.Voters).Count();
        var dropped = current.Voters.Except(voters).Count();
        if (added + dropped <= 1)
            return target;

        // Joint. A voter that will be a learner stays an outgoing voter until then; members that leave are named as removed when it is left.
        var learnersNext = learners.Where(id => current.Voters.Contains(id)).ToList();
        return new Membership(voters, current.Voters, learners.Except(learnersNext), learnersNext, removed.Where(id => !current.Voters.Contains(id)));
    }

    /// <summary>The configuration that follows a joint one.</summary>
    public static Membership Leave(Membership joint)
    {
        Invariant.Check(joint.IsJoint);
        var learners = joint.Learners.Concat(joint.LearnersNext).ToList();
        var gone = joint.Outgoing.Where(id => !joint.Voters.Contains(id) && !learners.Contains(id));
        return new Membership(joint.Voters, [], learners, [], joint.Removed.Concat(gone));
    }

    private static bool Change(MembershipChange change, SortedSet<MemberId> voters, SortedSet<MemberId> learners, SortedSet<MemberId> removed)
    {
        var id = change.Member;
        if (id.IsNone || removed.Contains(id))
            return false;
        switch (change.Kind)
        {
            case MembershipChangeKind.AddLearner:
                return !voters.Contains(id) && (learners.Add(id) || true);
            case MembershipChangeKind.AddVoter:
                learners.Remove(id);
                voters.Add(id);
                return true;
            case MembershipChangeKind.Demote:
                if (!voters.Remove(id))
                    return learners.Contains(id);
                learners.Add(id);
                return true;
            case MembershipChangeKind.Remove:
                if (!voters.Remove(id) && !learners.Remove(id))
                    return false;
                removed.Add(id);
                return true;
            default:
                return false;
        }
    }
}
