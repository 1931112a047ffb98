using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Rpc.Server;
using Cluster.Store;
using Cluster.Store.Replication;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>Sends each committed change once and in order, from the replica's bounded history. A reader that is slower than the history is told to list again.</summary>
internal sealed class WatchService(ControlThread control) : Watch.WatchBase
{
    public override async System.Threading.Tasks.Task Watch(WatchRequest request, IServerStreamWriter<WatchBatch> responseStream, ServerCallContext context)
    {
        if (!ServiceId.TryParse(request.ServiceId, out ServiceId service)) throw Replies.Refused(RefusalKind.Invalid, $"service_id: '{request.ServiceId}' is not an id");
        HashSet<WatchKind> kinds = [.. request.Kinds];
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, context.GetStopToken());
        ulong version = request.AfterVersion == 0 ? (await Replies.Of(() => control.ReadAsync(ending.Token))).Version : request.AfterVersion;
        await responseStream.WriteAsync(new WatchBatch { Version = version }, ending.Token);
        while (true)
        {
            System.Threading.Tasks.Task next = control.Committed.NextAsync(ending.Token);
            WatchWindow window = control.Replica.WatchFrom(version);
            if (window.Compacted)
            {
                throw new RpcException(new Status(StatusCode.OutOfRange, $"compacted: changes after version {version} are not kept any more; list again and watch from the list's version"));
            }

            foreach (ChangeBatch batch in window.Batches)
            {
                version = batch.Version;
                WatchBatch message = new() { Version = batch.Version };
                message.Events.Add(batch.Changes.Select(change => ToEvent(change, kinds, service)).OfType<WatchEvent>());
                if (message.Events.Count > 0) await responseStream.WriteAsync(message, ending.Token);
            }

            if (window.Batches.IsEmpty) await next;
        }
    }

    private static WatchEvent? ToEvent(Change change, HashSet<WatchKind> kinds, ServiceId service) => change.Row switch
    {
        NodeRecord node when Wants(kinds, WatchKind.Node) && service.IsNone => new WatchEvent { Deleted = change.IsDeletion, Node = node.ToProto() },
        ServiceRecord row when Wants(kinds, WatchKind.Service) && (service.IsNone || row.Id == service) => new WatchEvent { Deleted = change.IsDeletion, Service = row.ToProto() },
        TaskRecord task when Wants(kinds, WatchKind.Task) && (service.IsNone || task.ServiceId == service) => new WatchEvent { Deleted = change.IsDeletion, Task = task.ToProto() },
        _ => null,
    };

    private static bool Wants(HashSet<WatchKind> kinds, WatchKind kind) => kinds.Count == 0 || kinds.Contains(kind);
}
