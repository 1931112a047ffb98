using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Cluster.Simulation.World;

/// <summary>How often what happened, so that a run can be seen to have tested something. Shown by name.</summary>
internal sealed class SimulationCounts
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long this[string what] => _counts.GetValueOrDefault(what);

    public void Add(string what, long times = 1) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, what, out _) += times;

    /// <summary>A name that was counted before is not made a string again.</summary>
    public void Add(ref DefaultInterpolatedStringHandler what, long times = 1)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts.GetAlternateLookup<ReadOnlySpan<char>>(), what.Text, out _) += times;
        what.Clear();
    }

    public void Add(SimulationCounts other)
    {
        foreach ((string what, long times) in other._counts) Add(what, times);
    }

    public IEnumerable<KeyValuePair<string, long>> StartingWith(string prefix) => _counts.Where(c => c.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(c => c.Key, StringComparer.Ordinal);

    /// <summary>One line for each group, the part of the name before the colon.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (var group in _counts.OrderBy(c => c.Key, StringComparer.Ordinal).GroupBy(c => c.Key.Split(':')[0], StringComparer.Ordinal))
        {
            text.Append(group.Key).Append(':').AppendJoin(',', group.Select(c => $" {c.Key[(group.Key.Length + 1)..]} {c.Value}")).AppendLine();
        }

        return text.ToString();
    }
}
