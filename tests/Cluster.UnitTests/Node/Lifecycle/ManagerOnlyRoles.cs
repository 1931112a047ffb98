using System.Collections.Immutable;
using System.Net;
using Cluster.Manager;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Recovery;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Node.Roles;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>Real managers, and agents that have no containers and no session: a test says for them what a manager would.</summary>
internal sealed class ManagerOnlyRoles : INodeRoles
{
    public IdleAgent? Agent { get; private set; }

    public async Task<Result<Foundation>> FoundAsync(FoundationRequest request, CancellationToken ct)
    {
        Result<(ClusterRecord Cluster, NodeRecord Node)> founded = await ClusterFounder.FoundAsync(
            request.CsrDer, request.AdvertiseAddress, request.RaftMemberId, request.Spec, request.Root, request.Availability, request.Hostname, new SystemIds(), TimeProvider.System, ct);
        return founded.Refusal is { } refusal ? refusal : new Foundation(founded.Value.Cluster, founded.Value.Node);
    }

    public ulong Revive(RevivalRequest request) => ClusterRecovery.Revive(
        new LogIdentity(request.DirectoryOf(request.Incarnation), request.ClusterId, request.Incarnation, request.RaftMemberId, request.DataKey) { OlderDataKeys = request.OlderDataKeys },
        request.NodeId,
        request.AdvertiseAddress,
        request.DirectoryOf,
        TimeProvider.System.GetUtcNow());

    public async Task<Result<RestoredCluster>> RestoreAsync(RestoreRequest request, CancellationToken ct)
    {
        Result<(ClusterRecord Cluster, NodeRecord Node, ulong Incarnation)> restored = await ClusterRecovery.RestoreAsync(
            request.Backup, request.CsrDer, request.Hostname, request.RaftMemberId, request.AdvertiseAddress, request.DataKey, request.DirectoryOf, new SystemIds(), TimeProvider.System, ct);
        return restored.Refusal is { } refusal ? refusal : new RestoredCluster(restored.Value.Cluster, restored.Value.Node, restored.Value.Incarnation);
    }

    public async Task<IManagerRole> StartManagerAsync(ManagerRoleSettings settings, CancellationToken ct) => new RealManager(await ManagerRole.StartAsync(
        new ManagerRoleOptions
        {
            ClusterId = settings.ClusterId,
            NodeId = settings.NodeId,
            RaftMemberId = settings.RaftMemberId,
            Incarnation = settings.Incarnation,
            DataKey = settings.DataKey,
            OlderDataKeys = settings.OlderDataKeys,
            LockChanged = settings.LockChanged,
            ListenAddress = IPEndPoint.Parse(settings.ListenAddress),
            AdvertiseAddress = settings.AdvertiseAddress,
            Trust = settings.Trust,
            ServerCertificate = settings.ServerCertificate,
            LogDirectory = settings.LogDirectory,
            JoinThrough = settings.JoinThrough,
            Foundation = settings.Foundation is { } foundation ? (foundation.Cluster, foundation.Node) : null,
            Loggers = NullLoggerFactory.Instance,
        },
        ct));

    public Task<IAgentRole> StartAgentAsync(AgentRoleSettings settings, CancellationToken ct) => Task.FromResult<IAgentRole>(Agent = new IdleAgent(settings));

    private sealed class RealManager(ManagerRole role) : IManagerRole
    {
        public Task Completion => role.Completion;

        public IReadOnlyList<Action<ServiceBinderBase>> LocalServices => role.LocalServices;

        public void UseDataKey(ImmutableArray<byte> dataKey) => role.UseDataKey(dataKey);

        public Task SaveSnapshotAsync(CancellationToken ct) => role.SaveSnapshotAsync(ct);

        public bool NeedsDataKey(ImmutableArray<byte> dataKey) => role.NeedsDataKey(dataKey);

        public ValueTask DisposeAsync() => role.DisposeAsync();
    }
}

internal sealed class IdleAgent(AgentRoleSettings settings) : IAgentRole
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Completion => _completion.Task;

    public string? ConnectedManager => null;

    public void IsToBe(NodeRole role) => settings.IdentityWanted(role, []);

    public Task<IReadOnlyList<TaskId>> ListOwnedAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<TaskId>>([]);

    public Task RemoveEverythingAsync(CancellationToken ct) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _completion.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
