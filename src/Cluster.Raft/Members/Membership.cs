using System.Collections.Immutable;

namespace Cluster.Raft.Members;

/// <summary>
/// Who takes part. All lists are sorted and free of duplicates, so equal memberships have equal bytes. While <see cref="Outgoing"/> is not empty the
/// configuration is joint: decisions need a majority of both <see cref="Voters"/> and <see cref="Outgoing"/>.
/// </summary>
public sealed class Membership : IEquatable<Membership>
{
    public static Membership Empty { get; } = new([], [], [], [], []);

    internal Membership(
        IEnumerable<MemberId> voters,
        IEnumerable<MemberId> outgoing,
        IEnumerable<MemberId> learners,
        IEnumerable<MemberId> learnersNext,
        IEnumerable<MemberId> removed)
    {
        Voters = Sorted(voters);
        Outgoing = Sorted(outgoing);
        Learners = Sorted(learners);
        LearnersNext = Sorted(learnersNext);
        Removed = Sorted(removed);
        Members = Sorted(Voters.Concat(Outgoing).Concat(Learners));
    }

    public ImmutableArray<MemberId> Voters { get; }

    /// <summary>The voters before a joint change.</summary>
    public ImmutableArray<MemberId> Outgoing { get; }

    /// <summary>Receive the log, do not count.</summary>
    public ImmutableArray<MemberId> Learners { get; }

    /// <summary>Outgoing voters that become learners when the joint configuration is left.</summary>
    public ImmutableArray<MemberId> LearnersNext { get; }

    /// <summary>Refused for ever.</summary>
    public ImmutableArray<MemberId> Removed { get; }

    /// <summary>Everyone who receives the log.</summary>
    public ImmutableArray<MemberId> Members { get; }

    public bool IsJoint => !Outgoing.IsEmpty;

    public static Membership OfVoters(params IEnumerable<MemberId> voters) => new(voters, [], [], [], []);

    public bool IsVoter(MemberId id) => Has(Voters, id) || Has(Outgoing, id);

    public bool IsLearner(MemberId id) => Has(Learners, id);

    public bool IsRemoved(MemberId id) => Has(Removed, id);

    public bool Contains(MemberId id) => Has(Members, id);

    public bool Equals(Membership? other) =>
        other is not null
        && Voters.AsSpan().SequenceEqual(other.Voters.AsSpan())
        && Outgoing.AsSpan().SequenceEqual(other.Outgoing.AsSpan())
        && Learners.AsSpan().SequenceEqual(other.Learners.AsSpan())
        && LearnersNext.AsSpan().SequenceEqual(other.LearnersNext.AsSpan())
        && Removed.AsSpan().SequenceEqual(other.Removed.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as Membership);

    public override int GetHashCode() => HashCode.Combine(Voters.Length, Outgoing.Length, Learners.Length, Removed.Length);

    public override string ToString()
    {
        var text = $"voters({string.Join(' ', Voters)})";
        if (IsJoint)
            text += $" outgoing({string.Join(' ', Outgoing)})";
        if (!Learners.IsEmpty)
            text += $" learners({string.Join(' ', Learners)})";
        return text;
    }

    private static bool Has(ImmutableArray<MemberId> ids, MemberId id) => ids.AsSpan().BinarySearch(id) >= 0;

    private static ImmutableArray<MemberId> Sorted(IEnumerable<MemberId> ids) => [.. ids.Distinct().Order()];
}
