using System.Collections.Immutable;
using Cluster.Model.Certificates;
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
    private readonly SemaphoreSlim _woken = new(0);
    private readonly SemaphoreSlim _lockWanted = new(0);
    private readonly Lock _lock = new();
    private volatile Wish? _wanted;
    private volatile ClusterLock? _wantedLock;

    public NodeKeys Keys { get; set; } = keys;

    public NodeCredentials Credentials { get; } = credentials;

    public IManagerRole? Manager { get; set; }

    public IAgentRole? Agent { get; set; }

    /// <summary>What follows the cluster's wishes for this node; ends with it.</summary>
    public Task Following { get; set; } = Task.CompletedTask;

    public CancellationToken Ending => _ending.Token;

    /// <summary>Another role is wanted until this node has it; other roots, until a renewal has brought what there was to bring.</summary>
    public bool WantsRenewal => _wanted is { } wanted && (wanted.Role is { } role && role != Keys.Role || wanted.IsOpen);

    /// <summary>The cluster says what this node is to be and to believe. Any thread.</summary>
    public void WantIdentity(NodeRole role, ImmutableArray<byte> rootsDigest)
    {
        bool isOther = !rootsDigest.IsEmpty && !rootsDigest.AsSpan().SequenceEqual(TrustedRoots.DigestOf(Keys.RootsDer).AsSpan());
        lock (_lock) _wanted = new Wish(role, isOther || _wanted is { IsOpen: true } && rootsDigest.IsEmpty);
        Wake();
    }

    /// <summary>
    /// The cluster has begun anew from one manager's log or a backup: the group that this node is a manager in is over, which a renewal settles. Any thread.
    /// </summary>
    public void HearIncarnation(ulong incarnation)
    {
        if (Keys.Manager is { } member && member.Incarnation < incarnation) WantRenewal();
    }

    /// <summary>A manager takes this node's certificate only for its renewal. Any thread.</summary>
    public void WantRenewal()
    {
        lock (_lock) _wanted = new Wish(_wanted?.Role, IsOpen: true);
        Wake();
    }

    /// <summary>What is wanted at this moment, for <see cref="Renewed"/>.</summary>
    public object? Wanted => _wanted;

    /// <summary>A renewal that began when this was wanted has brought what the cluster had to give; what was wanted since stays.</summary>
    public void Renewed(object? wanted)
    {
        lock (_lock)
        {
            if (_wanted is { } present && ReferenceEquals(present, wanted)) _wanted = present with { IsOpen = false };
        }
    }

    /// <summary>Completes when something was wanted since the last call that completed.</summary>
    public Task IdentityWantedAsync(CancellationToken ct) => _woken.WaitAsync(ct);

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
        _woken.Dispose();
        _lockWanted.Dispose();
    }

    private void Wake()
    {
        if (_woken.CurrentCount == 0) _woken.Release();
    }

    /// <param name="IsOpen">A renewal is wanted, whatever the role.</param>
    private sealed record Wish(NodeRole? Role, bool IsOpen);
}
