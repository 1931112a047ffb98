using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store.Maps;

namespace Cluster.Store.Rows;

/// <summary>
/// All rows and their indexes. Each put and delete keeps the indexes in step and refuses what would break a unique one (an
/// <see cref="Model.InvariantException"/>: commands check first). As with the maps, copy it by <see cref="Freeze"/> only.
/// </summary>
internal partial struct Tables
{
    public ClusterRecord? Cluster;

    public SortedMap<NodeId, NodeRecord> Nodes;
    public SortedMap<DigestKey, NodeRecord> NodesByPublicKey;

    public SortedMap<ServiceId, ServiceRecord> Services;
    public SortedMap<NameKey, ServiceRecord> ServicesByName;

    public SortedMap<TemplateId, TaskTemplate> Templates;

    /// <summary>How many services and tasks refer to the template; only templates in use are in it.</summary>
    public SortedMap<TemplateId, int> TemplateUses;

    public SortedMap<TaskId, TaskRecord> Tasks;
    public SortedMap<ServiceTaskKey, TaskRecord> TasksByService;

    /// <summary>Tasks that have a node.</summary>
    public SortedMap<NodeTaskKey, TaskRecord> TasksByNode;

    public SortedMap<PortClaimKey, PortClaim> PortClaims;

    public SortedMap<SlotKey, RestartHistory> RestartHistories;

    public SortedMap<RequestId, RequestRecord> Requests;
    public SortedMap<RequestAgeKey, RequestRecord> RequestsByAge;

    /// <summary>A copy that never sees the writes to this one, and the other way round.</summary>
    public Tables Freeze()
    {
        Nodes.Freeze();
        NodesByPublicKey.Freeze();
        Services.Freeze();
        ServicesByName.Freeze();
        Templates.Freeze();
        TemplateUses.Freeze();
        Tasks.Freeze();
        TasksByService.Freeze();
        TasksByNode.Freeze();
        PortClaims.Freeze();
        RestartHistories.Freeze();
        Requests.Freeze();
        RequestsByAge.Freeze();
        return this;
    }
}
