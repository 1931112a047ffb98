using Cluster.Model.Ids;

namespace Cluster.Control.Scheduling;

/// <summary>Small numbers for nodes, to index arrays by. They decide nothing.</summary>
internal sealed class NodeOrdinals
{
    private readonly Dictionary<NodeId, int> _ordinals = [];
    private readonly Stack<int> _free = new();
    private int _next;

    public int GetOrAdd(NodeId id)
    {
        if (_ordinals.TryGetValue(id, out int ordinal)) return ordinal;
        return _ordinals[id] = _free.TryPop(out ordinal) ? ordinal : _next++;
    }

    public bool TryGet(NodeId id, out int ordinal) => _ordinals.TryGetValue(id, out ordinal);

    /// <summary>The number may be given again: the caller has cleared what it stands for.</summary>
    public void Remove(NodeId id)
    {
        if (_ordinals.Remove(id, out int ordinal)) _free.Push(ordinal);
    }

    public void Clear()
    {
        _ordinals.Clear();
        _free.Clear();
        _next = 0;
    }
}
