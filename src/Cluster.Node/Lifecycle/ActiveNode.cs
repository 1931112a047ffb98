using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Node.Certificates;
using Cluster.Node.Keys;
using Cluster.Node.Roles;

namespace Cluster.Node.Lifecycle;

/// <summary>The roles that run, with the keys that they run with.</summary>
internal sealed class ActiveNode(NodeKeys keys, NodeCredentials credentials) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _roleWanted = new(0);
    private readonly SemaphoreSlim _lockWanted = new(0);
    private volatile object? _wantedRole;
    private volatile ClusterLock? _wantedLock;

    public NodeKeys Keys { get; set; } = keys;

    public NodeCredentials Credentials { get; } = credentials;

    public IManagerRole? Manager { get; set; }

    public IAgentRole? Agent { get; set; }

    /// <summary>What follows the cluster's wishes for this node; ends with it.</summary>
    public Task Following { get; set; } = Task.CompletedTask;

    public CancellationToken Ending => _ending.Token;

    public bool WantsOtherRole => _wantedRole is NodeRole wanted && wanted != Keys.Role;

    /// <summary>The cluster says what this node is to be. Any thread.</summary>
    public void WantRole(NodeRole role)
    {
        _wantedRole = role;
        if (_roleWanted.CurrentCount == 0) _roleWanted.Release();
    }

    /// <summary>Completes when something was wanted since the last call that completed.</summary>
    public Task RoleWantedAsync(CancellationToken ct) => _roleWanted.WaitAsync(ct);

    /// <summary>How the cluster wants its managers' keys sealed; null: it has not said yet.</summary>
    public ClusterLock? WantedLock => _wantedLock;

    /// <summary>The manager role has committed state that says so. Any thread.</summary>
    public void WantLock(ClusterLock wanted)
    {
        _wantedLock = wanted;
        if (_lockWanted.CurrentCount == 0) _lockWanted.Release();
    }

    /// <summary>Completes when a lock was wanted since the last call that completed.</summary>
    public Task LockWantedAsync(CancellationToken ct) => _lockWanted.WaitAsync(ct);

    /// <summary>Gives up what is under way; the roles go on until they are disposed.</summary>
    public Task EndAsync() => _ending.CancelAsync();

    /// <summary>The agent first, so that its last reports still find a manager.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Following;
        if (Agent is not null) await Agent.DisposeAsync();
        if (Manager is not null) await Manager.DisposeAsync();
        _ending.Dispose();
        _roleWanted.Dispose();
        _lockWanted.Dispose();
    }
}
