namespace Cluster.LabTests.Faults;

/// <summary>
/// What one client knows of a service that it changes: every number of replicas that it may have, null where it may not be there. A change
/// that was not acknowledged may have happened or not; one that was acknowledged leaves one answer.
/// </summary>
internal sealed class ChangedService(string name)
{
    private readonly List<int?> _possible = [null];
    private readonly List<string> _history = [];

    public string Name => name;

    /// <summary>Whether it may be there.</summary>
    public bool MayExist => _possible.Any(replicas => replicas is not null);

    public void Try(int? replicas)
    {
        _possible.Add(replicas);
        _history.Add($"{Show(replicas)}?");
    }

    /// <summary>The answer to the last try.</summary>
    public void Acknowledge()
    {
        _possible.RemoveRange(0, _possible.Count - 1);
        _history.Add("yes");
    }

    /// <summary>Takes what is there as known from now on: it must not change by itself. Returns what is wrong, or null.</summary>
    public string? Settle(int? replicas)
    {
        if (!_possible.Contains(replicas))
        {
            return $"{name} has {Show(replicas)}, after: {string.Join(", ", _history)}";
        }

        _history.Add($"seen: {Show(replicas)}");
        _possible.Clear();
        _possible.Add(replicas);
        return null;
    }

    private static string Show(int? replicas) => replicas is { } count ? $"{count} replicas" : "none";
}
