namespace Cluster.Store.Maps;

/// <summary>
/// A node of a <see cref="SortedMap{TKey,TValue}"/>: a leaf (keys and values) or an inner node (children, and for each a lower bound
/// of its keys). The bound of an inner node's first child means nothing: whatever is smaller goes there too. The arrays are as long as
/// needed, up to <see cref="Capacity"/>. Changed in place only by the writer whose <see cref="MapOwner"/> it carries.
/// </summary>
internal sealed class MapNode<TKey, TValue>
    where TKey : struct, IComparable<TKey>
{
    public const int Capacity = 32;

    /// <summary>A node with fewer is joined with a neighbour.</summary>
    public const int Minimum = 10;

    private const int Step = 4;

    private readonly MapOwner? _owner;

    private MapNode(MapOwner? owner, int count, TKey[] keys, TValue[]? values, MapNode<TKey, TValue>[]? children)
    {
        _owner = owner;
        Count = count;
        Keys = keys;
        Values = values;
        Children = children;
    }

    public int Count { get; private set; }

    public TKey[] Keys { get; private set; }

    /// <summary>Null in inner nodes.</summary>
    public TValue[]? Values { get; private set; }

    /// <summary>Null in leaves.</summary>
    public MapNode<TKey, TValue>[]? Children { get; private set; }

    public bool IsLeaf => Children is null;

    public bool IsFull => Count == Capacity;

    public static MapNode<TKey, TValue> Leaf(MapOwner? owner, ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values) =>
        new(owner, keys.Length, keys.ToArray(), values.ToArray(), null);

    public static MapNode<TKey, TValue> Inner(MapOwner? owner, ReadOnlySpan<TKey> keys, ReadOnlySpan<MapNode<TKey, TValue>> children) =>
        new(owner, keys.Length, keys.ToArray(), null, children.ToArray());

    /// <summary>The place of the key among the keys; if it is not there, the complement of where it belongs.</summary>
    public int Search(in TKey key)
    {
        TKey[] keys = Keys;
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = keys[middle].CompareTo(key);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    /// <summary>The child under which the key is, if it is anywhere. The first bound is not looked at.</summary>
    public int ChildIndex(in TKey key)
    {
        TKey[] keys = Keys;
        int low = 1, high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (keys[middle].CompareTo(key) <= 0) low = middle + 1;
            else high = middle - 1;
        }

        return low - 1;
    }

    /// <summary>This node if it is the writer's own, else a copy that is.</summary>
    public MapNode<TKey, TValue> OwnedBy(MapOwner owner) => ReferenceEquals(_owner, owner) ? this : Slice(owner, 0, Count);

    /// <summary>A new node of <paramref name="count"/> of the slots.</summary>
    public MapNode<TKey, TValue> Slice(MapOwner owner, int start, int count)
    {
        ReadOnlySpan<TKey> keys = Keys.AsSpan(start, count);
        return Children is null ? Leaf(owner, keys, Values.AsSpan(start, count)) : Inner(owner, keys, Children.AsSpan(start, count));
    }

    public void Insert(int at, in TKey key, TValue value)
    {
        Values = Opened(Values!, at);
        Values[at] = value;
        InsertKey(at, key);
    }

    public void Insert(int at, in TKey key, MapNode<TKey, TValue> child)
    {
        Children = Opened(Children!, at);
        Children[at] = child;
        InsertKey(at, key);
    }

    public void RemoveAt(int at)
    {
        Close(Keys, at);
        if (Values is not null) Close(Values, at);
        if (Children is not null) Close(Children, at);
        Count--;
    }

    public void Truncate(int count)
    {
        Array.Clear(Keys, count, Count - count);
        if (Values is not null) Array.Clear(Values, count, Count - count);
        if (Children is not null) Array.Clear(Children, count, Count - count);
        Count = count;
    }

    private void InsertKey(int at, in TKey key)
    {
        Keys = Opened(Keys, at);
        Keys[at] = key;
        Count++;
    }

    /// <summary>The array with a free place at <paramref name="at"/>; a longer one if it was full.</summary>
    private T[] Opened<T>(T[] items, int at)
    {
        if (Count == items.Length)
        {
            T[] longer = new T[Math.Min(Capacity, Count + Step)];
            Array.Copy(items, longer, at);
            Array.Copy(items, at, longer, at + 1, Count - at);
            return longer;
        }

        Array.Copy(items, at, items, at + 1, Count - at);
        return items;
    }

    private void Close<T>(T[] items, int at)
    {
        Array.Copy(items, at + 1, items, at, Count - at - 1);
        items[Count - 1] = default!;
    }
}
