using Cluster.Raft.Replication;

namespace Cluster.Raft;

/// <summary>What a leader knows of a member; <paramref name="InFlight"/> counts append messages without an answer.</summary>
public sealed record MemberStatus(MemberId Id, ulong Match, ulong Next, MemberState State, bool IsActive, int InFlight);
