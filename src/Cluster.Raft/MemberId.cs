namespace Cluster.Raft;

/// <summary>A member of the group: random, never 0, never used again after removal. Addresses are kept elsewhere and may change.</summary>
public readonly record struct MemberId(ulong Value) : IComparable<MemberId>
{
    /// <summary>No member.</summary>
    public static MemberId None => default;

    public bool IsNone => Value == 0;

    public int CompareTo(MemberId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
