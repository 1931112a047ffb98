namespace Cluster.Raft.Members;

/// <summary>One wish; several in one proposal happen together.</summary>
public readonly record struct MembershipChange(MembershipChangeKind Kind, MemberId Member)
{
    public static MembershipChange AddLearner(MemberId member) => new(MembershipChangeKind.AddLearner, member);

    public static MembershipChange AddVoter(MemberId member) => new(MembershipChangeKind.AddVoter, member);

    public static MembershipChange Demote(MemberId member) => new(MembershipChangeKind.Demote, member);

    public static MembershipChange Remove(MemberId member) => new(MembershipChangeKind.Remove, member);
}
