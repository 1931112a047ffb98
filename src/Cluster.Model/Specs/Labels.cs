using System.Collections.Immutable;

namespace Cluster.Model.Specs;

/// <summary>User-given key-value pairs, sorted by key (ordinal), so that equal maps have equal bytes; compared by value.</summary>
public sealed class Labels : IEquatable<Labels>
{
    public static readonly Labels Empty = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal));

    private Labels(ImmutableSortedDictionary<string, string> items) => Items = items;

    public ImmutableSortedDictionary<string, string> Items { get; }

    public string? Get(string key) => Items.GetValueOrDefault(key);

    public static Labels From(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        ImmutableSortedDictionary<string, string> items = Empty.Items.SetItems(pairs);
        return items.IsEmpty ? Empty : new Labels(items);
    }

    public Labels With(string key, string value) => new(Items.SetItem(key, value));

    public Labels Without(string key) => Items.ContainsKey(key) ? new(Items.Remove(key)) : this;

    public bool Equals(Labels? other) => other is not null && (ReferenceEquals(Items, other.Items) || Items.SequenceEqual(other.Items));

    public override bool Equals(object? obj) => Equals(obj as Labels);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach ((string key, string value) in Items)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
