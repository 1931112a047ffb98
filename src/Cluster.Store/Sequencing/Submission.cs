using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Store.Sequencing;

/// <summary>A change that somebody wants made.</summary>
public sealed record Submission
{
    /// <summary>Who asks, for the log: a node's id or the name of a part.</summary>
    public required string Actor { get; init; }

    /// <summary>None: a retry would have a second effect.</summary>
    public RequestId RequestId { get; init; }

    /// <summary>What is asked, such as <c>service.create</c>: a retry must ask the same.</summary>
    public string Operation { get; init; } = "";

    /// <summary>Cluster time now; raised to that of the state that the transaction starts from.</summary>
    public required ClusterTime Now { get; init; }

    /// <summary>
    /// Writes to the transaction, or refuses, and then nothing of it stays. Runs at most once, on the sequencer's thread, perhaps later than
    /// the call; not at all when the request has its answer already.
    /// </summary>
    public required Func<WorkingTransaction, Refusal?> Body { get; init; }

    /// <summary>Asked after a body that did not refuse, when there is a request id: the object that a retry is to find. Null: none.</summary>
    public Func<UInt128>? Object { get; init; }

    /// <summary>Called exactly once, on the sequencer's thread, perhaps inside the call. Must not throw; may submit.</summary>
    public required Action<SubmitOutcome> Completion { get; init; }
}
