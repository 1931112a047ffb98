using System.Text;

namespace Cluster.Simulation.World;

/// <summary>How often what happened, so that a run can be seen to have tested something. Sorted by name.</summary>
internal sealed class SimulationCounts
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long this[string what] => _counts.GetValueOrDefault(what);

    public void Add(string what, long times = 1) => _counts[what] = this[what] + times;

    public void Add(SimulationCounts other)
    {
        foreach ((string what, long times) in other._counts) Add(what, times);
    }

    public IEnumerable<KeyValuePair<string, long>> StartingWith(string prefix) => _counts.Where(c => c.Key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>One line for each group, the part of the name before the colon.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (var group in _counts.GroupBy(c => c.Key.Split(':')[0], StringComparer.Ordinal))
        {
            text.Append(group.Key).Append(':').AppendJoin(',', group.Select(c => $" {c.Key[(group.Key.Length + 1)..]} {c.Value}")).AppendLine();
        }

        return text.ToString();
    }
}
