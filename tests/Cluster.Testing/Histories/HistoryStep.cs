namespace Cluster.Testing.Histories;

/// <summary>What an operation does in a state: not possible there, or the state after it.</summary>
public readonly record struct HistoryStep<TState>(bool IsPossible, TState State)
{
    public static HistoryStep<TState> To(TState state) => new(true, state);

    public static HistoryStep<TState> Impossible => default;
}
