using Cluster.Api.V1;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli.Fakes;

/// <summary>The control service over plain lists; remembers the changes that it was asked for.</summary>
internal sealed class FakeControl : Cluster.Api.V1.Control.ControlBase
{
    private readonly Queue<StatusCode> _failures = new();

    public List<Cluster.Api.V1.Node> Nodes { get; } = [];

    public List<Service> Services { get; } = [];

    public List<ServiceCounts> Counts { get; } = [];

    public List<Cluster.Api.V1.Task> Tasks { get; } = [];

    public TaskTemplate? Template { get; set; }

    public List<object> Changes { get; } = [];

    public int PageSize { get; set; } = 1000;

    /// <summary>Runs when a service was created or updated.</summary>
    public Action<Service>? OnService { get; set; }

    /// <summary>The next changes fail with these.</summary>
    public void FailNext(params StatusCode[] codes)
    {
        foreach (StatusCode code in codes) _failures.Enqueue(code);
    }

    public override Task<GetJoinTokensResponse> GetJoinTokens(GetJoinTokensRequest request, ServerCallContext context) =>
        Task.FromResult(new GetJoinTokensResponse { Worker = "WORKER-TOKEN", Manager = "MANAGER-TOKEN", ManagerAddress = "192.0.2.1:2377" });

    public ClusterInfo Cluster { get; } = new()
    {
        Meta = new Meta { Version = 3 },
        Spec = new ClusterSpec { TaskHistoryLimit = 5, HeartbeatPeriodTicks = TimeSpan.FromSeconds(5).Ticks, CertificateExpiryTicks = TimeSpan.FromDays(90).Ticks, OrphanAfterTicks = TimeSpan.FromDays(1).Ticks },
    };

    public override Task<GetClusterResponse> GetCluster(GetClusterRequest request, ServerCallContext context) => Task.FromResult(new GetClusterResponse { Cluster = Cluster.Clone() });

    public override Task<UpdateClusterResponse> UpdateCluster(UpdateClusterRequest request, ServerCallContext context) => Change(request, new UpdateClusterResponse { Cluster = Cluster });

    public override Task<GetUnlockKeyResponse> GetUnlockKey(GetUnlockKeyRequest request, ServerCallContext context) => Task.FromResult(new GetUnlockKeyResponse { UnlockKey = "SWMKEY-1-KEY1" });

    public override Task<GetUnlockKeyResponse> RotateUnlockKey(RotateUnlockKeyRequest request, ServerCallContext context) => Change(request, new GetUnlockKeyResponse { UnlockKey = "SWMKEY-1-KEY2" });

    public override Task<ListNodesResponse> ListNodes(ListNodesRequest request, ServerCallContext context) => Task.FromResult(new ListNodesResponse { Nodes = { Nodes } });

    public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) =>
        Task.FromResult(new GetNodeResponse { Node = Nodes.Find(n => n.Id == request.Node || n.Description.Hostname == request.Node) ?? throw NotFound($"no node '{request.Node}'") });

    public override Task<UpdateNodeResponse> UpdateNode(UpdateNodeRequest request, ServerCallContext context) => Change(request, new UpdateNodeResponse());

    public override Task<RemoveNodeResponse> RemoveNode(RemoveNodeRequest request, ServerCallContext context) => Change(request, new RemoveNodeResponse());

    public override Task<GetJoinTokensResponse> RotateJoinToken(RotateJoinTokenRequest request, ServerCallContext context) =>
        Change(request, new GetJoinTokensResponse { Worker = "NEW-TOKEN", Manager = "MANAGER-TOKEN", ManagerAddress = "192.0.2.1:2377" });

    public byte[] Backup { get; set; } = [];

    public override async Task CreateBackup(CreateBackupRequest request, IServerStreamWriter<CreateBackupResponse> responseStream, ServerCallContext context)
    {
        foreach (byte[] part in Backup.Chunk(7)) await responseStream.WriteAsync(new CreateBackupResponse { Data = Google.Protobuf.ByteString.CopyFrom(part) });
    }

    public override Task<ListServicesResponse> ListServices(ListServicesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListServicesResponse { Services = { Services }, Counts = { Counts } });

    public override Task<GetServiceResponse> GetService(GetServiceRequest request, ServerCallContext context) =>
        Task.FromResult(new GetServiceResponse { Service = Services.Find(s => s.Id == request.Service || s.Spec.Name == request.Service) ?? throw NotFound($"no service '{request.Service}'") });

    public override Task<CreateServiceResponse> CreateService(CreateServiceRequest request, ServerCallContext context)
    {
        Service service = Records.Service(request.Spec);
        Task<CreateServiceResponse> answer = Change(request, new CreateServiceResponse { Service = service });
        Services.Add(service);
        OnService?.Invoke(service);
        return answer;
    }

    public override Task<UpdateServiceResponse> UpdateService(UpdateServiceRequest request, ServerCallContext context)
    {
        Task<UpdateServiceResponse> answer = Change(request, new UpdateServiceResponse());
        Service service = Services.Find(s => s.Id == request.ServiceId)!;
        service.Spec = request.Spec;
        OnService?.Invoke(service);
        return answer;
    }

    public override Task<RemoveServiceResponse> RemoveService(RemoveServiceRequest request, ServerCallContext context) => Change(request, new RemoveServiceResponse());

    public override Task<GetTaskResponse> GetTask(GetTaskRequest request, ServerCallContext context) =>
        Task.FromResult(new GetTaskResponse { Task = Tasks.Find(t => t.Id == request.Task) ?? throw NotFound($"no task '{request.Task}'"), Template = Template });

    public override Task<ListTasksResponse> ListTasks(ListTasksRequest request, ServerCallContext context)
    {
        List<Cluster.Api.V1.Task> rest = [.. Tasks
            .Where(t => (t.ServiceId == request.ServiceId || (request.ServiceId.Length == 0 && t.NodeId == request.NodeId)) && string.CompareOrdinal(t.Id, request.AfterTaskId) > 0).OrderBy(t => t.Id, StringComparer.Ordinal)];
        ListTasksResponse page = new() { Tasks = { rest.Take(PageSize) } };
        if (rest.Count > PageSize) page.NextAfterTaskId = page.Tasks[^1].Id;
        return Task.FromResult(page);
    }

    private static RpcException NotFound(string text) => new(new Status(StatusCode.NotFound, text));

    private Task<T> Change<T>(object request, T response)
    {
        Changes.Add(request);
        return _failures.TryDequeue(out StatusCode code) ? throw new RpcException(new Status(code, "as planned")) : Task.FromResult(response);
    }
}
