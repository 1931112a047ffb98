using System.Globalization;

namespace Cluster.Testing.Raft;

/// <summary>How often each thing happened, so that a test can see that it tested something.</summary>
public sealed class RaftCoverage
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long this[string what] => _counts.GetValueOrDefault(what);

    public void Count(string what, long times = 1) => _counts[what] = this[what] + times;

    public void Add(RaftCoverage other)
    {
        foreach (var (what, times) in other._counts)
            Count(what, times);
    }

    public override string ToString() => string.Join(", ", _counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value}")));
}
