using Cluster.Model.Objects;
using Cluster.Testing.Histories;

namespace Cluster.Simulation.Invariants;

/// <summary>What a client can see of a service or node: its spec; null when it is not there, or is being removed.</summary>
internal readonly record struct ObjectState(object? Spec)
{
    public static ObjectState Gone => default;

    public static ObjectState Of(ServiceRecord? service) => new(service is { Removing: false } ? service.Spec : null);

    public static ObjectState Of(NodeRecord? node) => new(node?.Spec);

    /// <summary>Sets the spec, whatever there was.</summary>
    public static Func<ObjectState, HistoryStep<ObjectState>> Becomes(object? spec) => _ => HistoryStep<ObjectState>.To(new(spec));

    /// <summary>Sees this state and leaves it.</summary>
    public static Func<ObjectState, HistoryStep<ObjectState>> Is(ObjectState seen) => state => state == seen ? HistoryStep<ObjectState>.To(state) : HistoryStep<ObjectState>.Impossible;

    /// <summary>Changes what is there; of what is gone it would have been refused.</summary>
    public static Func<ObjectState, HistoryStep<ObjectState>> Changes<TSpec>(Func<TSpec, TSpec?> change)
        where TSpec : class =>
        state => state.Spec is TSpec spec && change(spec) is { } changed ? HistoryStep<ObjectState>.To(new(changed)) : HistoryStep<ObjectState>.Impossible;
}
