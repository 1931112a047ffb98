using Cluster.Store.Rows;

namespace Cluster.Store;

/// <summary>A moment of a <see cref="WorkingTransaction"/> to go back to; may be used more than once.</summary>
public sealed class Savepoint
{
    internal Savepoint(WorkingTransaction owner, Tables tables, Delta delta)
    {
        Owner = owner;
        Tables = tables;
        Delta = delta;
    }

    internal WorkingTransaction Owner { get; }

    internal Tables Tables { get; }

    internal Delta Delta { get; }
}
