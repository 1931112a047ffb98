namespace Cluster.Store.Replication;

/// <summary>
/// What became of a committed entry. <see cref="Batch"/> is null when it was refused because its predecessor is not the last entry
/// applied, which every replica does alike, or when it carried nothing (a leader's first entry).
/// </summary>
public readonly record struct ApplyResult(ChangeBatch? Batch)
{
    public static readonly ApplyResult Skipped;

    public bool Applied => Batch is not null;
}
