namespace Cluster.Model.Ids;

/// <summary>One task: one attempt to run a container for a slot. Never reused.</summary>
public readonly record struct TaskId(UInt128 Value) : IComparable<TaskId>
{
    public bool IsNone => Value == UInt128.Zero;

    public int CompareTo(TaskId other) => Value.CompareTo(other.Value);

    public override string ToString() => IsNone ? "" : Base36.Format(Value);

    public static TaskId Parse(string text) =>
        TryParse(text, out TaskId id) ? id : throw new FormatException($"'{text}' is not a task id (25 base-36 digits)");

    /// <summary>The empty text is "none".</summary>
    public static bool TryParse(string? text, out TaskId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text)) return true;
        if (!Base36.TryParse(text, out UInt128 value)) return false;
        id = new TaskId(value);
        return true;
    }
}
