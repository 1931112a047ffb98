using System.Diagnostics.CodeAnalysis;

namespace Cluster.Store.Maps;

/// <summary>
/// A persistent map sorted by key (a B+ tree with copy-on-write). <see cref="Freeze"/> gives a copy in constant time that shares all
/// nodes; after it both sides copy a node before they change it, so neither sees the other's writes. Between two freezes a writer
/// changes its own copies in place. An enumeration freezes too, so it may be written to meanwhile and shows the state at its call.
/// A frozen copy that nobody writes to may be read on any thread. Copy it by <see cref="Freeze"/> only, never by assignment.
/// </summary>
internal struct SortedMap<TKey, TValue>
    where TKey : struct, IComparable<TKey>
{
    private MapNode<TKey, TValue>? _root;
    private MapOwner? _owner;
    private int _count;

    public readonly int Count => _count;

    /// <summary>Builds the map of keys that ascend strictly; much faster than single writes, and packed.</summary>
    public static SortedMap<TKey, TValue> FromSorted(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values) =>
        new() { _root = MapBuilding.Build(keys, values), _count = keys.Length };

    public SortedMap<TKey, TValue> Freeze()
    {
        if (_owner is not null) _owner = null;
        return this;
    }

    public readonly bool TryGet(in TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        value = default;
        MapNode<TKey, TValue>? node = _root;
        if (node is null) return false;
        while (node.Children is { } children) node = children[node.ChildIndex(key)];
        int at = node.Search(key);
        if (at < 0) return false;
        value = node.Values![at];
        return true;
    }

    public readonly TValue? Get(in TKey key) => TryGet(key, out TValue? value) ? value : default;

    /// <summary>Adds the key or replaces its value.</summary>
    public void Set(in TKey key, TValue value) => Set(key, value, out _);

    /// <param name="previous">The value that was replaced, if there was one.</param>
    public void Set(in TKey key, TValue value, out TValue? previous)
    {
        _owner ??= new MapOwner();
        if (MapWriting.Set(ref _root, _owner, key, value, out previous)) _count++;
    }

    /// <summary>Whether the key was there.</summary>
    public bool Remove(in TKey key)
    {
        if (!TryGet(key, out _)) return false;
        _owner ??= new MapOwner();
        MapWriting.Remove(ref _root, _owner, key);
        _count--;
        return true;
    }

    /// <summary>All values, by key.</summary>
    public MapRange<TKey, TValue> All()
    {
        Freeze();
        return new(_root, null, null);
    }

    /// <summary>The values of the keys from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public MapRange<TKey, TValue> Range(TKey? first, TKey? last)
    {
        Freeze();
        return new(_root, first, last);
    }
}
