using Cluster.Store;

namespace Cluster.Control;

/// <summary>
/// One concern of the control plane. Synchronous and deterministic: time, ids and chance come from the context. Holds no facts of
/// its own: what it knows is in the transaction, in caches that can be rebuilt from a snapshot (<see cref="KernelCaches"/>), or in
/// its dirty set, which only says where to look. Level-triggered: looking too often is never wrong.
/// </summary>
internal interface IControlLoop
{
    string Name { get; }

    /// <summary>Marks what a change may concern. Called for every row at a rebuild too (with no row before it).</summary>
    void Note(Change change, DirtySet dirty);

    /// <summary>
    /// Works off the dirty set. What does not fit into the budget stays marked; everything else is unmarked, so that a loop that has
    /// nothing to do has an empty set. Writes go through the context, which counts them and shows them to the other loops.
    /// </summary>
    Decision Decide(WorkingTransaction transaction, DirtySet dirty, DecisionContext context);

    /// <summary>Drops what it remembers beside its marks: the state is about to be read anew.</summary>
    void Forget()
    {
    }
}
