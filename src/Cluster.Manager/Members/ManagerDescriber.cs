using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Manager.Sessions;
using Cluster.Model.Objects;
using Cluster.Raft;

namespace Cluster.Manager.Members;

/// <summary>Says how this manager's member of the Raft group is doing, for people who look.</summary>
internal sealed class ManagerDescriber(RaftHost raft, ControlThread control, AgentSessions sessions)
{
    public async Task<DescribeManagerResponse> DescribeAsync(CancellationToken ct)
    {
        RaftStatus status = await raft.DescribeAsync(ct);
        DescribeManagerResponse response = new()
        {
            RaftMemberId = status.Self.Value,
            RaftRole = status.Role.ToString().ToLowerInvariant(),
            Term = status.Term,
            LeaderMemberId = status.Leader.Value,
            FirstIndex = status.FirstIndex,
            LastIndex = status.LastIndex,
            SyncedIndex = status.SyncedIndex,
            CommitIndex = status.CommitIndex,
            AppliedIndex = control.AppliedIndex,
            SnapshotIndex = status.SnapshotIndex,
            Version = control.Committed.Current.Version,
            AgentSessions = (uint)sessions.Count,
            AssignmentsSent = (ulong)sessions.Sent.Assignments,
            AssignmentBytesSent = (ulong)sessions.Sent.Bytes,
        };
        foreach (MemberId id in status.Membership.Members) response.Members.Add(Describe(id, status));
        return response;
    }

    private RaftMember Describe(MemberId id, RaftStatus status)
    {
        NodeRecord? node = control.Committed.Current.Nodes.FirstOrDefault(n => n.Manager?.RaftMemberId == id.Value);
        MemberStatus? seen = status.Members.FirstOrDefault(member => member.Id == id);
        return new RaftMember
        {
            Id = id.Value,
            Voter = status.Membership.IsVoter(id),
            NodeId = node?.Id.ToString() ?? "",
            Address = node?.Manager?.Address ?? "",
            MatchIndex = id == status.Self ? status.SyncedIndex : seen?.Match ?? 0,
            Active = id == status.Self || (seen?.IsActive ?? false),
            InFlight = (uint)(seen?.InFlight ?? 0),
        };
    }
}
