namespace Cluster.Testing.Histories;

/// <summary>Which operations are done: a set of small numbers that compares by its members.</summary>
internal readonly struct DoneSet : IEquatable<DoneSet>
{
    private readonly ulong[] _bits;

    public DoneSet(int count) => _bits = new ulong[(count + 63) / 64];

    private DoneSet(ulong[] bits) => _bits = bits;

    public bool Has(int number) => (_bits[number / 64] & (1UL << (number % 64))) != 0;

    public DoneSet With(int number)
    {
        ulong[] bits = [.. _bits];
        bits[number / 64] |= 1UL << (number % 64);
        return new(bits);
    }

    public bool Equals(DoneSet other) => _bits.AsSpan().SequenceEqual(other._bits);

    public override bool Equals(object? obj) => obj is DoneSet other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (ulong bits in _bits) hash.Add(bits);
        return hash.ToHashCode();
    }
}
