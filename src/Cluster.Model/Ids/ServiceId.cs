namespace Cluster.Model.Ids;

/// <summary>A service.</summary>
public readonly record struct ServiceId(UInt128 Value) : IComparable<ServiceId>
{
    public bool IsNone => Value == UInt128.Zero;

    public int CompareTo(ServiceId other) => Value.CompareTo(other.Value);

    public override string ToString() => IsNone ? "" : Base36.Format(Value);

    public static ServiceId Parse(string text) =>
        TryParse(text, out ServiceId id) ? id : throw new FormatException($"'{text}' is not a service id (25 base-36 digits)");

    /// <summary>The empty text is "none".</summary>
    public static bool TryParse(string? text, out ServiceId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text)) return true;
        if (!Base36.TryParse(text, out UInt128 value)) return false;
        id = new ServiceId(value);
        return true;
    }
}
