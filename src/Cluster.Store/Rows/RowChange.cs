namespace Cluster.Store.Rows;

/// <summary>A row before the transaction and now; null where there is none.</summary>
internal readonly record struct RowChange<TRow>(TRow? Before, TRow? After)
    where TRow : class;
