namespace Cluster.Model.Ids;

/// <summary>A client's id for one mutation, so that a retry gets the first answer.</summary>
public readonly record struct RequestId(UInt128 Value) : IComparable<RequestId>
{
    public bool IsNone => Value == UInt128.Zero;

    public int CompareTo(RequestId other) => Value.CompareTo(other.Value);

    public override string ToString() => IsNone ? "" : Base36.Format(Value);

    public static RequestId Parse(string text) =>
        TryParse(text, out RequestId id) ? id : throw new FormatException($"'{text}' is not a request id (25 base-36 digits)");

    /// <summary>The empty text is "none".</summary>
    public static bool TryParse(string? text, out RequestId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text)) return true;
        if (!Base36.TryParse(text, out UInt128 value)) return false;
        id = new RequestId(value);
        return true;
    }
}
