namespace Cluster.Model.Ids;

/// <summary>A cluster; part of every certificate, log header and join.</summary>
public readonly record struct ClusterId(UInt128 Value) : IComparable<ClusterId>
{
    public bool IsNone => Value == UInt128.Zero;

    public int CompareTo(ClusterId other) => Value.CompareTo(other.Value);

    public override string ToString() => IsNone ? "" : Base36.Format(Value);

    public static ClusterId Parse(string text) =>
        TryParse(text, out ClusterId id) ? id : throw new FormatException($"'{text}' is not a cluster id (25 base-36 digits)");

    /// <summary>The empty text is "none".</summary>
    public static bool TryParse(string? text, out ClusterId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text)) return true;
        if (!Base36.TryParse(text, out UInt128 value)) return false;
        id = new ClusterId(value);
        return true;
    }
}
