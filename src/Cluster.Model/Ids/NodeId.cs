namespace Cluster.Model.Ids;

/// <summary>A node, for its life in one cluster.</summary>
public readonly record struct NodeId(UInt128 Value) : IComparable<NodeId>
{
    public bool IsNone => Value == UInt128.Zero;

    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    public override string ToString() => IsNone ? "" : Base36.Format(Value);

    public static NodeId Parse(string text) =>
        TryParse(text, out NodeId id) ? id : throw new FormatException($"'{text}' is not a node id (25 base-36 digits)");

    /// <summary>The empty text is "none".</summary>
    public static bool TryParse(string? text, out NodeId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text)) return true;
        if (!Base36.TryParse(text, out UInt128 value)) return false;
        id = new NodeId(value);
        return true;
    }
}
