using Google.Protobuf.Collections;

namespace Cluster.Cli.Events;

/// <summary>What an event tells beside what changed: for a changed value <c>KEY.old</c> and <c>KEY.new</c>, as Docker has it.</summary>
internal sealed class EventAttributes
{
    private readonly List<KeyValuePair<string, string>> _items = [];

    public IReadOnlyList<KeyValuePair<string, string>> Items => _items;

    public void Add(string key, string value) => _items.Add(new(key, value));

    /// <summary>Nothing for a value that is as before, and no old one for what is new.</summary>
    public void Changed(string key, string? before, string? after)
    {
        if (before == after) return;
        if (!string.IsNullOrEmpty(before)) Add($"{key}.old", before.ToLowerInvariant());
        if (!string.IsNullOrEmpty(after)) Add($"{key}.new", after.ToLowerInvariant());
    }

    public void ChangedMap(string key, MapField<string, string>? before, MapField<string, string> after)
    {
        if (before is null) return;
        foreach (string name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            if (!after.TryGetValue(name, out string? value)) Add($"{key}.removed", name);
            else if (!before.TryGetValue(name, out string? old) || old != value) Add($"{key}.{name}", value);
        }
    }
}
