using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;
using Cluster.Store.Replication;

namespace Cluster.Manager.Services;

/// <summary>What one watcher asked to see of the changes.</summary>
internal sealed class WatchEvents
{
    private readonly HashSet<WatchKind> _kinds;
    private readonly ServiceId _service;
    private readonly bool _withPrevious;

    public WatchEvents(WatchRequest request)
    {
        if (!ServiceId.TryParse(request.ServiceId, out _service)) throw Replies.Refused(RefusalKind.Invalid, $"service_id: '{request.ServiceId}' is not an id");
        _kinds = [.. request.Kinds];
        _withPrevious = request.WithPrevious;
    }

    public IEnumerable<WatchEvent> Of(ChangeBatch batch)
    {
        foreach (Change change in batch.Changes)
        {
            if (!Wants(change.Row)) continue;
            WatchEvent watchEvent = new() { Deleted = change.IsDeletion };
            SetObject(watchEvent, change.Row);
            if (_withPrevious && change.Before is { } before) SetPrevious(watchEvent, before);
            yield return watchEvent;
        }
    }

    private bool Wants(object row) => row switch
    {
        NodeRecord => Wants(WatchKind.Node) && _service.IsNone,
        ServiceRecord service => Wants(WatchKind.Service) && (_service.IsNone || service.Id == _service),
        TaskRecord task => Wants(WatchKind.Task) && (_service.IsNone || task.ServiceId == _service),
        ClusterRecord => Wants(WatchKind.Cluster) && _service.IsNone,
        _ => false,
    };

    private bool Wants(WatchKind kind) => _kinds.Count == 0 || _kinds.Contains(kind);

    private static void SetObject(WatchEvent watchEvent, object row)
    {
        switch (row)
        {
            case NodeRecord node: watchEvent.Node = node.ToProto(); break;
            case ServiceRecord service: watchEvent.Service = service.ToProto(); break;
            case TaskRecord task: watchEvent.Task = task.ToProto(); break;
            case ClusterRecord cluster: watchEvent.Cluster = cluster.ToPublicProto(); break;
        }
    }

    private static void SetPrevious(WatchEvent watchEvent, object row)
    {
        switch (row)
        {
            case NodeRecord node: watchEvent.PreviousNode = node.ToProto(); break;
            case ServiceRecord service: watchEvent.PreviousService = service.ToProto(); break;
            case TaskRecord task: watchEvent.PreviousTask = task.ToProto(); break;
            case ClusterRecord cluster: watchEvent.PreviousCluster = cluster.ToPublicProto(); break;
        }
    }
}
