namespace Cluster.Raft.Members;

/// <summary>
/// The configurations in the log and the one before it. The newest counts as soon as it is appended; a truncation brings the one before back.
/// </summary>
internal sealed class MembershipHistory
{
    private readonly List<(ulong Index, Membership Membership)> _items = [];

    public MembershipHistory(ulong index, Membership membership) => _items.Add((index, membership));

    public Membership Latest => _items[^1].Membership;

    public ulong LatestIndex => _items[^1].Index;

    /// <summary>The one before the latest; the latest when there is no other.</summary>
    public Membership Previous => _items[_items.Count > 1 ? ^2 : ^1].Membership;

    public void Append(ulong index, Membership membership)
    {
        Invariant.Check(index > LatestIndex);
        _items.Add((index, membership));
    }

    /// <summary>The configuration in force at <paramref name="index"/>.</summary>
    public Membership At(ulong index)
    {
        for (var i = _items.Count - 1; i > 0; i--)
        {
            if (_items[i].Index <= index)
                return _items[i].Membership;
        }

        return _items[0].Membership;
    }

    public void TruncateFrom(ulong index)
    {
        while (_items.Count > 1 && _items[^1].Index >= index)
            _items.RemoveAt(_items.Count - 1);
        Invariant.Check(_items[^1].Index < index);
    }

    /// <summary>Forgets what is before the one in force at <paramref name="index"/>.</summary>
    public void Compact(ulong index)
    {
        while (_items.Count > 1 && _items[1].Index <= index)
            _items.RemoveAt(0);
    }

    public void Reset(ulong index, Membership membership)
    {
        _items.Clear();
        _items.Add((index, membership));
    }
}
