using Cluster.Raft.Members;

namespace Cluster.Raft;

/// <summary>For people who look: a copy of the moment.</summary>
public sealed record RaftStatus(
    MemberId Self,
    RaftRole Role,
    ulong Term,
    MemberId Leader,
    ulong FirstIndex,
    ulong LastIndex,
    ulong SyncedIndex,
    ulong CommitIndex,
    ulong DeliveredIndex,
    ulong SnapshotIndex,
    Membership Membership,
    IReadOnlyList<MemberStatus> Members);
