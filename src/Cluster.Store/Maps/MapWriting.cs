namespace Cluster.Store.Maps;

/// <summary>Insertion and removal in the tree of a <see cref="SortedMap{TKey,TValue}"/>.</summary>
internal static class MapWriting
{
    /// <summary>Whether the key is new; else <paramref name="previous"/> is what it had.</summary>
    public static bool Set<TKey, TValue>(ref MapNode<TKey, TValue>? root, MapOwner owner, in TKey key, TValue value, out TValue? previous)
        where TKey : struct, IComparable<TKey>
    {
        if (root is null)
        {
            root = MapNode<TKey, TValue>.Leaf(owner, [key], [value]);
            previous = default;
            return true;
        }

        bool added = Set(ref root, owner, key, value, out previous, out TKey bound, out MapNode<TKey, TValue>? right);
        if (right is not null) root = MapNode<TKey, TValue>.Inner(owner, [root.Keys[0], bound], [root, right]);
        return added;
    }

    public static void Remove<TKey, TValue>(ref MapNode<TKey, TValue>? root, MapOwner owner, in TKey key)
        where TKey : struct, IComparable<TKey>
    {
        root = root!.OwnedBy(owner);
        RemoveBelow(root, owner, key);
        if (root.Count == 0) root = null;
        else if (root.Count == 1 && root.Children is { } children) root = children[0];
    }

    /// <summary>If the node was full, <paramref name="right"/> is its new neighbour and <paramref name="bound"/> the bound between them.</summary>
    private static bool Set<TKey, TValue>(ref MapNode<TKey, TValue> node, MapOwner owner, in TKey key, TValue value, out TValue? previous,
        out TKey bound, out MapNode<TKey, TValue>? right)
        where TKey : struct, IComparable<TKey>
    {
        (bound, right) = (default, null);
        if (node.IsLeaf) return SetInLeaf(ref node, owner, key, value, out previous, out bound, out right);

        int at = node.ChildIndex(key);
        MapNode<TKey, TValue> child = node.Children![at];
        bool added = Set(ref child, owner, key, value, out previous, out TKey childBound, out MapNode<TKey, TValue>? childRight);
        if (!ReferenceEquals(child, node.Children[at]))
        {
            node = node.OwnedBy(owner);
            node.Children![at] = child;
        }

        if (childRight is null) return added;
        MapNode<TKey, TValue> target = Opened(ref node, owner, at + 1, ref right, out int place);
        target.Insert(place, childBound, childRight);
        if (right is not null) bound = right.Keys[0];
        return added;
    }

    private static bool SetInLeaf<TKey, TValue>(ref MapNode<TKey, TValue> node, MapOwner owner, in TKey key, TValue value, out TValue? previous,
        out TKey bound, out MapNode<TKey, TValue>? right)
        where TKey : struct, IComparable<TKey>
    {
        (bound, right) = (default, null);
        int at = node.Search(key);
        if (at >= 0)
        {
            node = node.OwnedBy(owner);
            previous = node.Values![at];
            node.Values[at] = value;
            return false;
        }

        previous = default;
        MapNode<TKey, TValue> target = Opened(ref node, owner, ~at, ref right, out int place);
        target.Insert(place, key, value);
        if (right is not null) bound = right.Keys[0];
        return true;
    }

    /// <summary>
    /// The node that takes a new slot at <paramref name="at"/>: the node itself, or one of its halves. What is appended to a full node
    /// starts a new one, so that ascending keys leave full nodes behind.
    /// </summary>
    private static MapNode<TKey, TValue> Opened<TKey, TValue>(ref MapNode<TKey, TValue> node, MapOwner owner, int at,
        ref MapNode<TKey, TValue>? right, out int place)
        where TKey : struct, IComparable<TKey>
    {
        place = at;
        if (!node.IsFull) return node = node.OwnedBy(owner);

        int half = at == node.Count ? node.Count : node.Count / 2;
        right = node.Slice(owner, half, node.Count - half);
        if (half < node.Count)
        {
            node = node.OwnedBy(owner);
            node.Truncate(half);
        }

        if (at < half) return node;
        place = at - half;
        return right;
    }

    private static void RemoveBelow<TKey, TValue>(MapNode<TKey, TValue> node, MapOwner owner, in TKey key)
        where TKey : struct, IComparable<TKey>
    {
        if (node.IsLeaf)
        {
            node.RemoveAt(node.Search(key));
            return;
        }

        int at = node.ChildIndex(key);
        MapNode<TKey, TValue> child = node.Children![at] = node.Children[at].OwnedBy(owner);
        RemoveBelow(child, owner, key);
        if (child.Count < MapNode<TKey, TValue>.Minimum && node.Count > 1) Join(node, owner, Math.Max(at - 1, 0));
        else if (child.Count == 0) node.RemoveAt(at);
    }

    /// <summary>Makes one node of the child and the next, or two of equal size if they do not fit into one.</summary>
    private static void Join<TKey, TValue>(MapNode<TKey, TValue> parent, MapOwner owner, int at)
        where TKey : struct, IComparable<TKey>
    {
        MapNode<TKey, TValue> left = parent.Children![at].OwnedBy(owner), right = parent.Children[at + 1].OwnedBy(owner);
        // The first bound of an inner node may be out of date; the parent's is the true one.
        if (!right.IsLeaf) right.Keys[0] = parent.Keys[at + 1];
        if (left.Count + right.Count <= MapNode<TKey, TValue>.Capacity)
        {
            Move(right, 0, right.Count, left, left.Count);
            parent.RemoveAt(at + 1);
            parent.Children[at] = left;
            return;
        }

        int half = (left.Count + right.Count) / 2;
        if (left.Count < half) Move(right, 0, half - left.Count, left, left.Count);
        else Move(left, half, left.Count - half, right, 0);
        parent.Children[at] = left;
        parent.Children[at + 1] = right;
        parent.Keys[at + 1] = right.Keys[0];
    }

    private static void Move<TKey, TValue>(MapNode<TKey, TValue> from, int start, int count, MapNode<TKey, TValue> to, int at)
        where TKey : struct, IComparable<TKey>
    {
        for (int i = 0; i < count; i++)
        {
            if (from.IsLeaf) to.Insert(at + i, from.Keys[start + i], from.Values![start + i]);
            else to.Insert(at + i, from.Keys[start + i], from.Children![start + i]);
        }

        for (int i = count - 1; i >= 0; i--) from.RemoveAt(start + i);
    }
}
