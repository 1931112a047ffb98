using Cluster.Model;

namespace Cluster.Store.Maps;

/// <summary>Builds the tree of a <see cref="SortedMap{TKey,TValue}"/> from sorted keys, level by level.</summary>
internal static class MapBuilding
{
    /// <summary>Slots filled per node: what is left takes a few writes without a split.</summary>
    private const int Fill = 28;

    public static MapNode<TKey, TValue>? Build<TKey, TValue>(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
        where TKey : struct, IComparable<TKey>
    {
        Invariant.Check(keys.Length == values.Length, "a sorted map is built from as many keys as values");
        if (keys.IsEmpty) return null;
        for (int i = 1; i < keys.Length; i++) Invariant.Check(keys[i - 1].CompareTo(keys[i]) < 0, "a sorted map is built from ascending keys");

        List<MapNode<TKey, TValue>> level = new(keys.Length / Fill + 1);
        foreach ((int start, int count) in Parts(keys.Length))
            level.Add(MapNode<TKey, TValue>.Leaf(null, keys.Slice(start, count), values.Slice(start, count)));
        while (level.Count > 1) level = Above(level);
        return level[0];
    }

    private static List<MapNode<TKey, TValue>> Above<TKey, TValue>(List<MapNode<TKey, TValue>> level)
        where TKey : struct, IComparable<TKey>
    {
        List<MapNode<TKey, TValue>> above = new(level.Count / Fill + 1);
        foreach ((int start, int count) in Parts(level.Count))
        {
            MapNode<TKey, TValue>[] children = [.. level.GetRange(start, count)];
            above.Add(MapNode<TKey, TValue>.Inner(null, Array.ConvertAll(children, child => child.Keys[0]), children));
        }

        return above;
    }

    /// <summary>Parts of nearly equal size.</summary>
    private static IEnumerable<(int Start, int Count)> Parts(int total)
    {
        int parts = (total + Fill - 1) / Fill;
        for (int i = 0; i < parts; i++)
        {
            int start = (int)((long)total * i / parts), end = (int)((long)total * (i + 1) / parts);
            yield return (start, end - start);
        }
    }
}
