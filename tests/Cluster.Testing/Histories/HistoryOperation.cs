namespace Cluster.Testing.Histories;

/// <summary>What a client asked of one object, when, and what it would do to the object's state.</summary>
/// <param name="What">For the explanation.</param>
/// <param name="Invoked">When it was asked for the first time.</param>
/// <param name="Returned">When the answer was heard; null: never, so that it has had its effect at any time since, will have it, or never has.</param>
/// <param name="Step">The state after it, if it can come in this state with the answer that was given.</param>
public sealed record HistoryOperation<TState>(string What, long Invoked, long? Returned, Func<TState, HistoryStep<TState>> Step)
{
    /// <summary>What was seen or written, for the explanation; null: <see cref="What"/> says all.</summary>
    public object? Value { get; init; }

    /// <summary>It leaves every state as it is: then it need not be tried later when it can come now.</summary>
    public bool OnlyLooks { get; init; }
}
