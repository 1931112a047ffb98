using Cluster.Model;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>What may be asked under a request id, and what a retry is told: the sequencer keeps operation and object of the first answer.</summary>
/// <param name="Operation">The name under which the answer is kept; a request id that was used under another name is refused.</param>
/// <param name="ObjectOf">The object that the answer is about.</param>
/// <param name="Again">The answer to a retry, from the committed state and the object.</param>
public sealed record RequestKind<T>(string Operation, Func<T, UInt128> ObjectOf, Func<StoreView, UInt128, Result<T>> Again);
