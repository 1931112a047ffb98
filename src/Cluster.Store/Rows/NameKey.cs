namespace Cluster.Store.Rows;

/// <summary>A name, ordered ordinally.</summary>
internal readonly record struct NameKey(string Name) : IComparable<NameKey>
{
    public int CompareTo(NameKey other) => string.CompareOrdinal(Name, other.Name);
}
