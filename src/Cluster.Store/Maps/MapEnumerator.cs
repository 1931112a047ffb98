using System.Collections;

namespace Cluster.Store.Maps;

/// <summary>Walks the leaves of one version of a map in key order.</summary>
internal sealed class MapEnumerator<TKey, TValue> : IEnumerator<TValue>
    where TKey : struct, IComparable<TKey>
{
    private readonly TKey? _last;

    // Null while the map is a single leaf, as most small ones are.
    private Stack<(MapNode<TKey, TValue> Node, int Child)>? _path;
    private MapNode<TKey, TValue>? _leaf;
    private int _at;

    public MapEnumerator(MapNode<TKey, TValue>? root, TKey? first, TKey? last)
    {
        _last = last;
        _at = -1;
        if (root is null) return;
        Descend(root, first);
        if (first is not { } key) return;
        int at = _leaf!.Search(key);
        _at = (at < 0 ? ~at : at) - 1;
    }

    public TKey CurrentKey => _leaf!.Keys[_at];

    public TValue Current => _leaf!.Values![_at];

    object? IEnumerator.Current => Current;

    public bool MoveNext()
    {
        if (_leaf is null) return false;
        if (++_at >= _leaf.Count && !NextLeaf()) return false;
        if (_last is not { } last || _leaf.Keys[_at].CompareTo(last) <= 0) return true;
        _leaf = null;
        return false;
    }

    public void Reset() => throw new NotSupportedException("enumerate the range again");

    public void Dispose()
    {
    }

    private void Descend(MapNode<TKey, TValue> node, TKey? first)
    {
        while (node.Children is { } children)
        {
            int child = first is { } key ? node.ChildIndex(key) : 0;
            (_path ??= new()).Push((node, child));
            node = children[child];
        }

        _leaf = node;
    }

    private bool NextLeaf()
    {
        _leaf = null;
        while (_path is not null && _path.TryPop(out (MapNode<TKey, TValue> Node, int Child) up))
        {
            if (up.Child + 1 >= up.Node.Count) continue;
            _path.Push((up.Node, up.Child + 1));
            Descend(up.Node.Children![up.Child + 1], null);
            _at = 0;
            return true;
        }

        return false;
    }
}
