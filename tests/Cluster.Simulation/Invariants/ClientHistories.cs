using Cluster.Model.Objects;
using Cluster.Simulation.World;
using Cluster.Simulation.Workload;
using Cluster.Store;
using Cluster.Testing.Histories;

namespace Cluster.Simulation.Invariants;

/// <summary>
/// What clients asked and heard, for each service and node: at the end there must be one order of it that explains every answer, also of
/// reads on managers that follow (<see cref="Linearizability"/>).
/// </summary>
internal sealed class ClientHistories(SimulationWorld world)
{
    private readonly List<Operation> _operations = [];
    private readonly SortedDictionary<UInt128, List<HistoryOperation<ObjectState>>> _seen = [];
    private readonly Dictionary<UInt128, ObjectState> _initial = [];
    private TimeSpan _since;

    public void Asked(Operation operation)
    {
        if (operation.Effect is not null) _operations.Add(operation);
    }

    public void Read(UInt128 id, ObjectState seen, TimeSpan from, TimeSpan to)
    {
        if (from < _since) return;
        world.Counts.Add("read: answered");
        Of(id).Add(new("read", from.Ticks, to.Ticks, ObjectState.Is(seen)) { OnlyLooks = true, Value = seen.Spec ?? "nothing" });
    }

    /// <summary>Nodes are other than before, although no client has asked for it.</summary>
    public void Changed(StoreSnapshot before, StoreSnapshot after)
    {
        long now = world.Queue.Elapsed.Ticks;
        foreach (NodeRecord node in after.Nodes)
        {
            if (before.GetNode(node.Id)?.Spec != node.Spec) Of(node.Id.Value).Add(new("is changed with the managers", now, now, ObjectState.Becomes(node.Spec)) { Value = node.Spec });
        }
    }

    /// <summary>
    /// What was committed is taken back: a history ends, and another begins with this state. What has no answer yet may have its effect there,
    /// unless the state has it already.
    /// </summary>
    public void BeginAnew(StoreSnapshot state)
    {
        Check();
        _seen.Clear();
        _initial.Clear();
        _since = world.Queue.Elapsed;
        _operations.RemoveAll(operation => operation.IsAnswered || (!operation.Request.IsNone && state.GetRequest(operation.Request) is not null));
        foreach (ServiceRecord service in state.Services) _initial[service.Id.Value] = ObjectState.Of(service);
        foreach (NodeRecord node in state.Nodes) _initial[node.Id.Value] = ObjectState.Of(node);
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
            history.Add(new(operation.What, operation.IssuedAfter.Ticks, operation.HeardAt?.Ticks, operation.Effect!));
        }

        foreach ((UInt128 id, List<HistoryOperation<ObjectState>> seen) in _seen)
        {
            // An object whose maker was never told its id has a history without a beginning.
            if (!made.Contains(id) && !_initial.ContainsKey(id)) continue;
            world.Counts.Add("check: histories of objects");
            string? wrong = Linearizability.Explain(_initial.GetValueOrDefault(id), [.. histories.GetValueOrDefault(id) ?? [], .. seen]);
            BreachException.Require(wrong is null, Breach.NotLinearizable, $"object {new Model.Ids.ServiceId(id)}: {wrong}");
        }
    }

    private List<HistoryOperation<ObjectState>> Of(UInt128 id) => _seen.TryGetValue(id, out List<HistoryOperation<ObjectState>>? seen) ? seen : _seen[id] = [];

    /// <summary>What was made by a request without an answer is found by the request; if there is nothing, nothing happened.</summary>
    private UInt128? ObjectOf(Operation operation)
    {
        if (operation.Object != 0) return operation.Object;
        return operation.Made ?? (operation.Request.IsNone ? null : world.History.ObjectOfRequest(operation.Request));
    }
}
