using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store.Rows;

namespace Cluster.Store;

/// <summary>
/// The rows of the cluster, to read: of one committed or speculative version (<see cref="StoreSnapshot"/>), or of a transaction with
/// its own writes (<see cref="WorkingTransaction"/>). All enumerations are sorted by key, cost nothing until they are walked, and show
/// the state at the moment they were asked for, so that a loop may write what it enumerates.
/// </summary>
public abstract class StoreView
{
    // A mutable struct: never copied except by Freeze.
    private protected Tables _tables;

    private protected StoreView(ulong version, ulong incarnation, ClusterTime time)
    {
        Version = version;
        Incarnation = incarnation;
        Time = time;
    }

    /// <summary>Counts committed entries; of a transaction: of the state that it started from.</summary>
    public ulong Version { get; }

    /// <summary>Which life of the cluster this is: changes with a restore or a forced new cluster.</summary>
    public ulong Incarnation { get; }

    /// <summary>The cluster time of the entry that made <see cref="Version"/>.</summary>
    public ClusterTime Time { get; }

    /// <summary>Null before the cluster is initialised.</summary>
    public ClusterRecord? Cluster => _tables.Cluster;

    public int NodeCount => _tables.Nodes.Count;

    public IEnumerable<NodeRecord> Nodes => _tables.Nodes.All();

    public NodeRecord? GetNode(NodeId id) => _tables.Nodes.Get(id);

    public NodeRecord? FindNodeByPublicKey(ReadOnlySpan<byte> digest) => _tables.NodesByPublicKey.Get(new([.. digest]));

    public int ServiceCount => _tables.Services.Count;

    public IEnumerable<ServiceRecord> Services => _tables.Services.All();

    public ServiceRecord? GetService(ServiceId id) => _tables.Services.Get(id);

    public ServiceRecord? FindServiceByName(string name) => _tables.ServicesByName.Get(new(name));

    public IEnumerable<TaskTemplate> Templates => _tables.Templates.All();

    public TaskTemplate? GetTemplate(TemplateId id) => _tables.Templates.Get(id);

    /// <summary>Whether a service or a task refers to the template.</summary>
    public bool IsTemplateUsed(TemplateId id) => _tables.TemplateUses.TryGet(id, out _);

    public int TaskCount => _tables.Tasks.Count;

    public IEnumerable<TaskRecord> Tasks => _tables.Tasks.All();

    public TaskRecord? GetTask(TaskId id) => _tables.Tasks.Get(id);

    /// <summary>The tasks with greater ids, to go on where a pass or a page stopped.</summary>
    public IEnumerable<TaskRecord> TasksAfter(TaskId id) =>
        id.Value == UInt128.MaxValue ? [] : _tables.Tasks.Range(new TaskId(id.Value + 1), null);

    /// <summary>By slot, then id.</summary>
    public IEnumerable<TaskRecord> TasksOfService(ServiceId id) =>
        _tables.TasksByService.Range(new(id, default, int.MinValue), new(id, new(UInt128.MaxValue), int.MaxValue));

    /// <summary>By id.</summary>
    public IEnumerable<TaskRecord> TasksOfSlot(ServiceId id, int slot) =>
        _tables.TasksByService.Range(new(id, default, slot), new(id, new(UInt128.MaxValue), slot));

    /// <summary>By id.</summary>
    public IEnumerable<TaskRecord> TasksOfNode(NodeId id) =>
        id.IsNone ? [] : _tables.TasksByNode.Range(new(id, default), new(id, new(UInt128.MaxValue)));

    public IEnumerable<PortClaim> PortClaims => _tables.PortClaims.All();

    public PortClaim? GetPortClaim(PortClaimKey key) => _tables.PortClaims.Get(key);

    /// <summary>By protocol, then port.</summary>
    public IEnumerable<PortClaim> PortClaimsOfNode(NodeId id) =>
        _tables.PortClaims.Range(new(id, (PortProtocol)int.MinValue, int.MinValue), new(id, (PortProtocol)int.MaxValue, int.MaxValue));

    public IEnumerable<RestartHistory> RestartHistories => _tables.RestartHistories.All();

    public RestartHistory? GetRestartHistory(SlotKey key) => _tables.RestartHistories.Get(key);

    /// <summary>By slot, then node.</summary>
    public IEnumerable<RestartHistory> RestartHistoriesOfService(ServiceId id) =>
        _tables.RestartHistories.Range(new(id, int.MinValue, default), new(id, int.MaxValue, new(UInt128.MaxValue)));

    public int RequestCount => _tables.Requests.Count;

    public IEnumerable<RequestRecord> Requests => _tables.Requests.All();

    public IEnumerable<RequestRecord> OldestRequests => _tables.RequestsByAge.All();

    public RequestRecord? GetRequest(RequestId id) => _tables.Requests.Get(id);
}
