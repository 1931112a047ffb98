using System.Collections.Immutable;

namespace Cluster.Store.Rows;

/// <summary>A digest, ordered by its bytes.</summary>
internal readonly struct DigestKey(ImmutableArray<byte> digest) : IComparable<DigestKey>
{
    private readonly ImmutableArray<byte> _digest = digest;

    public int CompareTo(DigestKey other) => _digest.AsSpan().SequenceCompareTo(other._digest.AsSpan());
}
