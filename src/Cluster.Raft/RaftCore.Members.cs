using Cluster.Raft.Members;
using Cluster.Raft.Replication;

namespace Cluster.Raft;

/// <summary>Configuration changes. What is appended counts at once.</summary>
public sealed partial class RaftCore
{
    /// <summary>
    /// Changes who takes part. When more than one voter differs the change goes through a joint configuration, which the leader leaves by itself.
    /// Done when <see cref="CommittedMembership"/> is not joint and says so. Promote a learner only when it has caught up
    /// (<see cref="DescribeStatus"/>), or the group may wait for it.
    /// </summary>
    public ProposalResult ProposeConfiguration(IReadOnlyList<MembershipChange> changes)
    {
        if (RefuseProposal() is { } refused)
            return refused;
        if (!LeaderIsEstablished || _memberships.LatestIndex > _commit || _memberships.Latest.IsJoint)
            return Refuse(ProposalRefusal.ConfigurationPending);
        if (MembershipPlanner.Plan(_memberships.Latest, changes) is not { } next)
            return Refuse(ProposalRefusal.InvalidConfiguration);
        AppendConfiguration(next);
        var index = _log.LastIndex;
        BroadcastAppends();
        return ProposalResult.Accepted(index, index, _term, Self);
    }

    private void AppendConfiguration(Membership next)
    {
        AppendOwn(EntryKind.Configuration, MembershipCodec.Encode(next));
        _memberships.Append(_log.LastIndex, next);
        FollowMembership();
    }

    private void LeaveJointWhenCommitted()
    {
        if (_memberships.Latest.IsJoint && _memberships.LatestIndex <= _commit && LeaderIsEstablished)
            AppendConfiguration(MembershipPlanner.Leave(_memberships.Latest));
    }

    /// <summary>Makes the leader's book of members that of the newest configuration.</summary>
    private void FollowMembership()
    {
        var membership = _memberships.Latest;
        foreach (var id in _progress.Keys.Where(id => !membership.Contains(id)).ToList())
            _progress.Remove(id);
        foreach (var id in membership.Members)
        {
            // A newcomer counts as active until the next check, or a leader would step down before it could be heard.
            if (id != Self && !_progress.ContainsKey(id))
                _progress.Add(id, new MemberProgress(_options, _log.LastIndex + 1) { IsActive = true });
        }

        if (!_transferee.IsNone && !membership.IsVoter(_transferee))
            _transferee = MemberId.None;
        ConfirmReads();
    }
}
