namespace Cluster.Model.Ids;

/// <summary>The first 128 bits of the SHA-256 of a task template's canonical encoding.</summary>
public readonly record struct TemplateId(UInt128 Value) : IComparable<TemplateId>
{
    public bool IsNone => Value == UInt128.Zero;

    public int CompareTo(TemplateId other) => Value.CompareTo(other.Value);

    public override string ToString() => IsNone ? "" : Base36.Format(Value);

    public static TemplateId Parse(string text) =>
        TryParse(text, out TemplateId id) ? id : throw new FormatException($"'{text}' is not a template id (25 base-36 digits)");

    /// <summary>The empty text is "none".</summary>
    public static bool TryParse(string? text, out TemplateId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text)) return true;
        if (!Base36.TryParse(text, out UInt128 value)) return false;
        id = new TemplateId(value);
        return true;
    }
}
