namespace Cluster.Store;

public enum ChangeKind
{
    Put,
    Delete,
}

/// <summary>
/// What happened to one row: created (no <paramref name="Before"/>), replaced, or deleted (no <paramref name="After"/>). Both are of the
/// table's row type in Cluster.Model.Objects, so that a pattern such as <c>{ After: TaskRecord task }</c> selects and casts.
/// </summary>
public readonly record struct Change(Table Table, object? Before, object? After)
{
    public ChangeKind Kind => After is null ? ChangeKind.Delete : ChangeKind.Put;

    public bool IsCreation => Before is null;

    public bool IsDeletion => After is null;

    /// <summary>The row that there is or was.</summary>
    public object Row => After ?? Before!;
}
