using Cluster.Store;

namespace Cluster.Simulation.Invariants;

/// <summary>Two states row by row, which costs much less than the bytes of their snapshots.</summary>
internal static class StateComparison
{
    /// <returns>Null: they are equal.</returns>
    public static string? Difference(StoreSnapshot a, StoreSnapshot b)
    {
        if (a.Time != b.Time) return $"time {a.Time} and {b.Time}";
        if (a.Cluster != b.Cluster) return "the cluster's row";
        return Difference(a.Nodes, b.Nodes) ?? Difference(a.Services, b.Services) ?? Difference(a.Templates, b.Templates) ?? Difference(a.Tasks, b.Tasks)
            ?? Difference(a.PortClaims, b.PortClaims) ?? Difference(a.RestartHistories, b.RestartHistories) ?? Difference(a.Requests, b.Requests);
    }

    private static string? Difference<TRow>(IEnumerable<TRow> a, IEnumerable<TRow> b)
        where TRow : class, IEquatable<TRow>
    {
        using IEnumerator<TRow> left = a.GetEnumerator();
        using IEnumerator<TRow> right = b.GetEnumerator();
        while (true)
        {
            (TRow? x, TRow? y) = (left.MoveNext() ? left.Current : null, right.MoveNext() ? right.Current : null);
            if (x is null && y is null) return null;
            if (!ReferenceEquals(x, y) && (x is null || !x.Equals(y))) return $"{x?.ToString() ?? "nothing"} and {y?.ToString() ?? "nothing"}";
        }
    }
}
