using Cluster.Simulation.World;
using Cluster.Simulation.Workload;
using Cluster.Testing.Histories;

namespace Cluster.Simulation.Invariants;

/// <summary>
/// What clients asked and heard, for each service and node: at the end there must be one order of it that explains every answer, also of
/// reads on managers that follow (<see cref="Linearizability"/>).
/// </summary>
internal sealed class ClientHistories(SimulationWorld world)
{
    private readonly List<Operation> _operations = [];
    private readonly SortedDictionary<UInt128, List<HistoryOperation<ObjectState>>> _reads = [];

    public void Asked(Operation operation)
    {
        if (operation.Effect is not null) _operations.Add(operation);
    }

    public void Read(UInt128 id, ObjectState seen, TimeSpan from, TimeSpan to)
    {
        world.Counts.Add("read: answered");
        if (!_reads.TryGetValue(id, out List<HistoryOperation<ObjectState>>? reads)) _reads[id] = reads = [];
        reads.Add(new($"read {(seen.Spec is null ? "nothing" : $"{seen.Spec}")}", from.Ticks, to.Ticks, ObjectState.Is(seen)) { OnlyLooks = true });
    }

    public void Check()
    {
        Dictionary<UInt128, List<HistoryOperation<ObjectState>>> histories = [];
        HashSet<UInt128> made = [];
        foreach (Operation operation in _operations)
        {
            if (operation.WasRefused || ObjectOf(operation) is not { } id) continue;

            // Without an answer and without an effect: it explains nothing, and would only be tried everywhere.
            if (operation.HeardAt is null && !operation.Request.IsNone && world.History.ObjectOfRequest(operation.Request) is null) continue;
            if (operation.Object == 0) made.Add(id);
            if (!histories.TryGetValue(id, out List<HistoryOperation<ObjectState>>? history)) histories[id] = history = [];
            history.Add(new(operation.What, operation.IssuedAt.Ticks, operation.HeardAt?.Ticks, operation.Effect!));
        }

        foreach ((UInt128 id, List<HistoryOperation<ObjectState>> reads) in _reads)
        {
            // An object whose maker was never told its id has a history without a beginning.
            if (!made.Contains(id)) continue;
            world.Counts.Add("check: histories of objects");
            string? wrong = Linearizability.Explain(ObjectState.Gone, [.. histories[id], .. reads]);
            BreachException.Require(wrong is null, Breach.NotLinearizable, $"object {new Model.Ids.ServiceId(id)}: {wrong}");
        }
    }

    /// <summary>What was made by a request without an answer is found by the request; if there is nothing, nothing happened.</summary>
    private UInt128? ObjectOf(Operation operation)
    {
        if (operation.Object != 0) return operation.Object;
        return operation.Made ?? (operation.Request.IsNone ? null : world.History.ObjectOfRequest(operation.Request));
    }
}
