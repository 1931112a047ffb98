using Cluster.Model;
using Cluster.Model.Objects;

namespace Cluster.Store.Sequencing;

/// <summary>What became of a submission.</summary>
public sealed record SubmitOutcome(SubmitStatus Status)
{
    /// <summary>When committed: the version at which the effect is in the state, or on which an empty transaction rested.</summary>
    public ulong Version { get; init; }

    /// <summary>When refused.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The answer that is kept with the request id; null without one.</summary>
    public RequestRecord? Request { get; init; }

    /// <summary>A retry: the body did not run, <see cref="Request"/> is the first answer.</summary>
    public bool Repeated { get; init; }

    /// <summary>When faulted.</summary>
    public Exception? Fault { get; init; }

    internal static readonly SubmitOutcome Unknown = new(SubmitStatus.Unknown);

    internal static readonly SubmitOutcome NotLeader = new(SubmitStatus.NotLeader);

    internal static SubmitOutcome Refused(Refusal refusal) => new(SubmitStatus.Refused) { Refusal = refusal };
}
