using System.Collections.Immutable;

namespace Cluster.Raft.Members;

/// <summary>Majorities, of both halves in a joint configuration.</summary>
internal static class Quorum
{
    /// <summary>Whether those who satisfy <paramref name="has"/> can decide.</summary>
    public static bool IsReached(Membership membership, Func<MemberId, bool> has) =>
        HasMajority(membership.Voters, has) && (!membership.IsJoint || HasMajority(membership.Outgoing, has));

    /// <summary>The highest value that a quorum has reached.</summary>
    public static ulong Agreed(Membership membership, Func<MemberId, ulong> value)
    {
        var agreed = Agreed(membership.Voters, value);
        return membership.IsJoint ? Math.Min(agreed, Agreed(membership.Outgoing, value)) : agreed;
    }

    private static bool HasMajority(ImmutableArray<MemberId> voters, Func<MemberId, bool> has)
    {
        var count = 0;
        foreach (var id in voters)
        {
            if (has(id))
                count++;
        }

        return count > voters.Length / 2;
    }

    private static ulong Agreed(ImmutableArray<MemberId> voters, Func<MemberId, ulong> value)
    {
        if (voters.IsEmpty)
            return 0;
        Span<ulong> values = voters.Length <= 16 ? stackalloc ulong[voters.Length] : new ulong[voters.Length];
        for (var i = 0; i < voters.Length; i++)
            values[i] = value(voters[i]);
        values.Sort();
        return values[(voters.Length - 1) / 2];
    }
}
