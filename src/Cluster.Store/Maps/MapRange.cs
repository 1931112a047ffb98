using System.Collections;

namespace Cluster.Store.Maps;

/// <summary>The values of a range of keys, as they were when the range was asked for; can be enumerated again with the same result.</summary>
internal sealed class MapRange<TKey, TValue>(MapNode<TKey, TValue>? root, TKey? first, TKey? last) : IEnumerable<TValue>
    where TKey : struct, IComparable<TKey>
{
    public MapEnumerator<TKey, TValue> GetEnumerator() => new(root, first, last);

    IEnumerator<TValue> IEnumerable<TValue>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
