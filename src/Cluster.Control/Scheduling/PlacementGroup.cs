using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Control.Scheduling;

/// <summary>
/// The tasks of one kind that have no node yet: those to be tried, and those that were tried and fit nowhere. For the latter each
/// node's verdict is kept, so that a change of one node costs one look at it, and the explanation is always exact.
/// </summary>
internal sealed class PlacementGroup(GroupKey key)
{
    private readonly SortedDictionary<Verdict, int> _counts = [];
    private byte[] _verdicts = [];
    private string? _reasons;

    public GroupKey Key { get; } = key;

    public SortedSet<TaskId> Queue { get; } = [];

    public SortedSet<TaskId> Waiting { get; } = [];

    /// <summary>Null: to be made from the service's present row.</summary>
    public NodeFilters? Filters { get; set; }

    /// <summary>What the waiting tasks were last told.</summary>
    public string Explanation { get; set; } = "";

    public ClusterTime ExplainedAt { get; set; }

    /// <summary>Not all waiting tasks have the explanation yet.</summary>
    public bool MustTell { get; set; }

    public void ForgetVerdicts()
    {
        _counts.Clear();
        _verdicts = [];
        _reasons = null;
    }

    public void SetVerdict(int ordinal, Verdict verdict)
    {
        if (ordinal >= _verdicts.Length)
        {
            if (verdict == Verdict.None) return;
            Array.Resize(ref _verdicts, Math.Max(ordinal + 1, _verdicts.Length * 2));
        }

        Verdict old = new(_verdicts[ordinal]);
        if (old == verdict) return;
        _verdicts[ordinal] = verdict.Code;
        _reasons = null;
        if (old != Verdict.None && --_counts[old] == 0) _counts.Remove(old);
        if (verdict != Verdict.None) _counts[verdict] = _counts.GetValueOrDefault(verdict) + 1;
    }

    /// <summary>Tries the waiting tasks again.</summary>
    public void Wake()
    {
        Queue.UnionWith(Waiting);
        Waiting.Clear();
        ForgetVerdicts();
    }

    /// <summary>Why no node will do: the most frequent reason first.</summary>
    public string Explain() => _reasons ??= Reasons();

    private string Reasons()
    {
        if (_counts.Count == 0) return "no suitable node (the cluster has no nodes)";
        IEnumerable<string> reasons = _counts.Where(static c => c.Key != Verdict.Fits).OrderByDescending(static c => c.Value).ThenBy(static c => c.Key)
            .Select(c => Filters!.Explain(c.Key, c.Value));
        return $"no suitable node ({string.Join("; ", reasons)})";
    }
}
