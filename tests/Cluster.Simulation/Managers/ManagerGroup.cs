using Cluster.Raft;
using Cluster.Testing.Raft;

namespace Cluster.Simulation.Managers;

/// <summary>
/// The managers of one incarnation. Those of different ones take nothing of each other, as transports check it, and what consensus promises
/// in one says nothing of another.
/// </summary>
internal sealed class ManagerGroup(ulong incarnation)
{
    // Only looked up.
    private readonly Dictionary<MemberId, DurableLog> _lost = [];

    public ulong Incarnation => incarnation;

    public RaftInvariants Consensus { get; } = new();

    /// <summary>The member is gone with its disk; what it had acknowledged it had.</summary>
    public void Lost(MemberId member, DurableLog disk, TimeSpan now) => (_lost[member], LostAt) = (disk, now);

    /// <summary>When a member was lost last.</summary>
    public TimeSpan LostAt { get; private set; } = TimeSpan.MinValue / 2;

    public DurableLog? LostDiskOf(MemberId member) => _lost.GetValueOrDefault(member);
}
