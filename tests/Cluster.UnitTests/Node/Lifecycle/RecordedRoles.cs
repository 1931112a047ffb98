using System.Collections.Immutable;
using System.Threading.Channels;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Node.Roles;
using Cluster.Rpc;
using Cluster.UnitTests.Manager;
using Grpc.Core;
using RestoreRequest = Cluster.Node.Roles.RestoreRequest;
using Task = System.Threading.Tasks.Task;
using TaskId = Cluster.Model.Ids.TaskId;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>
/// Roles that do nothing but what the cluster sees of them: a manager announces itself to a real one. Each start is told.
/// </summary>
internal sealed class RecordedRoles(RunningManager cluster) : INodeRoles
{
    private readonly Channel<ManagerRoleSettings> _managers = Channel.CreateUnbounded<ManagerRoleSettings>();

    public ChannelReader<ManagerRoleSettings> Managers => _managers.Reader;

    public AgentRoleSettings Agent { get; private set; } = null!;

    public Task<Result<Foundation>> FoundAsync(FoundationRequest request, CancellationToken ct) => throw new NotSupportedException();

    public ulong Revive(RevivalRequest request) => throw new NotSupportedException();

    public Task<Result<RestoredCluster>> RestoreAsync(RestoreRequest request, CancellationToken ct) => throw new NotSupportedException();

    public async Task<IManagerRole> StartManagerAsync(ManagerRoleSettings settings, CancellationToken ct)
    {
        await using RpcChannel channel = cluster.Connect(settings.ServerCertificate(), settings.Trust);
        await new Managers.ManagersClient(channel).AnnounceAsync(new AnnounceRequest { RaftMemberId = settings.RaftMemberId, Address = "127.0.0.1:9", Incarnation = settings.Incarnation }, cancellationToken: ct);
        await _managers.Writer.WriteAsync(settings, ct);
        return new Role();
    }

    public Task<IAgentRole> StartAgentAsync(AgentRoleSettings settings, CancellationToken ct)
    {
        Agent = settings;
        return Task.FromResult<IAgentRole>(new Role());
    }

    private sealed class Role : IManagerRole, IAgentRole
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Completion => _ended.Task;

        public IReadOnlyList<Action<ServiceBinderBase>> LocalServices => [];

        public void UseDataKey(ImmutableArray<byte> dataKey)
        {
        }

        public Task SaveSnapshotAsync(CancellationToken ct) => Task.CompletedTask;

        public bool NeedsDataKey(ImmutableArray<byte> dataKey) => false;

        public string? ConnectedManager => null;

        public Task<IReadOnlyList<TaskId>> ListOwnedAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<TaskId>>([]);

        public Task RemoveEverythingAsync(CancellationToken ct) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            _ended.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
