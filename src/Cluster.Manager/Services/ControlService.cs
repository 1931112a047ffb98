using System.Collections.Immutable;
using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Security;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Tokens;
using Cluster.Store;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>What people ask of the cluster. Reads are linearizable on every manager; changes are commands of Cluster.Control.</summary>
internal sealed partial class ControlService(
    ControlThread control, RaftHost raft, Authorizer authorizer, CertificateSigner signer, RenewalProblems problems, NodeId self, string advertiseAddress, IIdSource ids, TimeProvider timeProvider)
    : Api.V1.Control.ControlBase
{
    private const int MaxListedTasks = 10_000;
    private const int MaxListedNodes = 1_000;
    private const int MaxListedServices = 1_000;

    public override Task<GetClusterResponse> GetCluster(GetClusterRequest request, ServerCallContext context) =>
        ReadAsync(context, view => new GetClusterResponse { Cluster = ClusterOf(view).ToPublicProto() });

    public override Task<UpdateClusterResponse> UpdateCluster(UpdateClusterRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        if (request.Spec is null) throw Replies.Refused(RefusalKind.Invalid, "spec: missing");
        RequestId requestId = ReadRequestId(request.RequestId);
        Model.Specs.ClusterSpec spec = request.Spec.ToModel();
        ImmutableArray<byte> unlockKey = UnlockKeys.New();
        ClusterRecord cluster = (await control.SubmitAsync(
            ActorOf(context), requestId, ClusterCommands.UpdateRequest, tx => ClusterCommands.Update(tx, request.Version, spec, unlockKey), context.CancellationToken)).OrThrow();
        return new UpdateClusterResponse { Cluster = cluster.ToPublicProto() };
    });

    public override Task<GetJoinTokensResponse> GetJoinTokens(GetJoinTokensRequest request, ServerCallContext context) => ReadAsync(context, view => TokensOf(ClusterOf(view)));

    public override Task<GetJoinTokensResponse> RotateJoinToken(RotateJoinTokenRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        RequestId requestId = ReadRequestId(request.RequestId);
        Model.States.NodeRole role = request.Role.ToModel("role");
        UInt128 secret = ids.Next();
        return TokensOf((await control.SubmitAsync(
            ActorOf(context), requestId, ClusterCommands.RotateJoinTokenRequest, tx => ClusterCommands.RotateJoinToken(tx, role, secret), context.CancellationToken)).OrThrow());
    });

    public override Task<GetUnlockKeyResponse> GetUnlockKey(GetUnlockKeyRequest request, ServerCallContext context) => ReadAsync(context, view => UnlockKeyOf(ClusterOf(view)));

    public override Task<GetUnlockKeyResponse> RotateUnlockKey(RotateUnlockKeyRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        RequestId requestId = ReadRequestId(request.RequestId);
        ImmutableArray<byte> unlockKey = UnlockKeys.New();
        return UnlockKeyOf((await control.SubmitAsync(
            ActorOf(context), requestId, ClusterCommands.RotateUnlockKeyRequest, tx => ClusterCommands.RotateUnlockKey(tx, unlockKey), context.CancellationToken)).OrThrow());
    });

    public override Task<GetTaskResponse> GetTask(GetTaskRequest request, ServerCallContext context) => ReadAsync(context, view =>
    {
        TaskRecord task = Lookup.Task(view, request.Task).OrThrow();
        return new GetTaskResponse { Task = task.ToProto(), Template = view.GetTemplate(task.Template)?.ToProto() };
    });

    public override Task<ListTasksResponse> ListTasks(ListTasksRequest request, ServerCallContext context) => ReadAsync(context, view =>
    {
        TaskId after = ReadTaskId(request.AfterTaskId);
        ListPage<TaskRecord, Api.V1.Task> page = ListPage.Of(Select(view, request).Where(task => after.IsNone || task.Id.CompareTo(after) > 0), request.Limit, MaxListedTasks, task => task.ToProto());
        return new ListTasksResponse { Tasks = { page.Items }, NextAfterTaskId = page.HasMore ? page.Items[^1].Id : "" };
    });

    /// <summary>Whatever was acknowledged before the call, on whichever manager, is in what is read.</summary>
    private Task<T> ReadAsync<T>(ServerCallContext context, Func<StoreSnapshot, T> read) => Replies.Of(async () => read(await control.ReadAsync(context.CancellationToken)));

    private static IEnumerable<TaskRecord> Select(StoreSnapshot view, ListTasksRequest request)
    {
        NodeId node = default;
        ServiceId service = default;
        if (!NodeId.TryParse(request.NodeId, out node)) throw Replies.Refused(RefusalKind.Invalid, $"node_id: '{request.NodeId}' is not an id");
        if (!ServiceId.TryParse(request.ServiceId, out service)) throw Replies.Refused(RefusalKind.Invalid, $"service_id: '{request.ServiceId}' is not an id");
        if (!node.IsNone) return view.TasksOfNode(node).Where(task => service.IsNone || task.ServiceId == service);
        if (!service.IsNone) return view.TasksOfService(service).OrderBy(task => task.Id);
        TaskId after = ReadTaskId(request.AfterTaskId);
        return after.IsNone ? view.Tasks : view.TasksAfter(after);
    }

    private GetJoinTokensResponse TokensOf(ClusterRecord cluster) => new()
    {
        Worker = JoinToken.Create(cluster.Root.CertificateDer.AsSpan(), cluster.JoinSecrets.Worker).Reveal(),
        Manager = JoinToken.Create(cluster.Root.CertificateDer.AsSpan(), cluster.JoinSecrets.Manager).Reveal(),
        ManagerAddress = advertiseAddress,
    };

    private static GetUnlockKeyResponse UnlockKeyOf(ClusterRecord cluster) => cluster.Lock.IsLocked
        ? new GetUnlockKeyResponse { UnlockKey = UnlockKeyText.Format(cluster.Lock.UnlockKey.AsSpan()) }
        : throw ClusterCommands.NotLocked.ToRpcException();

    private static TaskId ReadTaskId(string text) =>
        TaskId.TryParse(text, out TaskId id) ? id : throw Replies.Refused(RefusalKind.Invalid, $"after_task_id: '{text}' is not an id");

    private static ClusterRecord ClusterOf(StoreSnapshot view) => view.Cluster ?? throw Replies.Refused(RefusalKind.FailedPrecondition, "the cluster is not initialised yet");

    private string ActorOf(ServerCallContext context) => authorizer.CallerOf(context).Actor;

    private static RequestId ReadRequestId(string text) =>
        RequestId.TryParse(text, out RequestId id) && !id.IsNone
            ? id
            : throw Replies.Refused(RefusalKind.Invalid, "request_id: 25 base-36 digits chosen at random are needed, so that a retry has no second effect");
}
