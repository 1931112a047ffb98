using System.Collections.Immutable;
using System.Globalization;
using Cluster.Model.Objects;
using Cluster.Node.Certificates;
using Cluster.Node.Keys;
using Cluster.Node.Roles;

namespace Cluster.Node.Lifecycle;

/// <summary>The roles that run, and how they follow what the cluster says this node is.</summary>
internal sealed partial class NodeLifecycle
{
    /// <summary>Starts the roles with new keys, and stores the keys when they run; on failure nothing of it stays.</summary>
    private async Task EstablishAsync(NodeKeys keys, Foundation? foundation, ImmutableArray<string> joinThrough, ClusterLock sealedBy, CancellationToken ct)
    {
        try
        {
            await ActivateAsync(keys, foundation, joinThrough, ct);
            lock (_storing) _keyStore.Save(_active!.Keys, sealedBy);
            _keyStore.ForgetPendingJoin();
        }
        catch
        {
            await ForgetAsync();
            throw;
        }
    }

    private async Task ForgetAsync()
    {
        if (_active is { } active) await active.DisposeAsync();
        _active = null;
        _status = LifecycleStatus.Inactive;
        DeleteRoleState();
    }

    private async Task ActivateAsync(NodeKeys keys, Foundation? foundation, ImmutableArray<string> joinThrough, CancellationToken ct)
    {
        _status = new LifecycleStatus { State = LifecycleState.Starting, NodeId = keys.NodeId, ClusterId = keys.ClusterId, Role = keys.Role };
        NodeCredentials credentials = new(keys, timeProvider);
        ActiveNode active = new(keys, credentials);
        _active = active;
        if (keys.Manager is not null) await StartManagerAsync(active, keys, foundation, joinThrough, ct);
        active.Agent = await roles.StartAgentAsync(
            new AgentRoleSettings
            {
                ClusterId = keys.ClusterId,
                NodeId = keys.NodeId,
                Managers = keys.Managers,
                Tls = credentials.ClientTls,
                StateDirectory = options.AgentDirectory,
                ManagersChanged = managers => ManagersChanged(active, managers),
                IdentityWanted = active.WantIdentity,
                IncarnationHeard = active.HearIncarnation,
                RenewalWanted = active.WantRenewal,
            },
            ct);
        _status = _status with { State = LifecycleState.Active };
        _watching = Task.WhenAll(_watching, WatchAgentAsync(active));
        active.Following = Task.WhenAll(Task.Run(() => FollowIdentityAsync(active), CancellationToken.None), Task.Run(() => FollowLockAsync(active), CancellationToken.None));
    }

    private async Task StartManagerAsync(ActiveNode active, NodeKeys keys, Foundation? foundation, ImmutableArray<string> joinThrough, CancellationToken ct)
    {
        ManagerKeys manager = keys.Manager!;
        active.Manager = await roles.StartManagerAsync(
            new ManagerRoleSettings
            {
                ClusterId = keys.ClusterId,
                NodeId = keys.NodeId,
                RaftMemberId = manager.RaftMemberId,
                Incarnation = manager.Incarnation,
                DataKey = manager.DataKey,
                OlderDataKeys = manager.OlderDataKeys,
                LockChanged = active.WantLock,
                ListenAddress = keys.ListenAddress,
                AdvertiseAddress = keys.AdvertiseAddress,
                Trust = active.Credentials.Trust,
                ServerCertificate = () => active.Credentials.ServerCertificate,
                LogDirectory = LogDirectoryOf(manager.Incarnation),
                Foundation = foundation,
                JoinThrough = joinThrough,
            },
            ct);
        _watching = Task.WhenAll(_watching, WatchManagerAsync(active.Manager));
    }

    private async Task WatchManagerAsync(IManagerRole manager)
    {
        try
        {
            await manager.Completion;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }
        catch (Exception e)
        {
            _managerFailed.TrySetException(e);
        }
    }

    /// <summary>An agent ends by itself when the cluster refuses this node: that is said until somebody acts.</summary>
    private async Task WatchAgentAsync(ActiveNode active)
    {
        try
        {
            await active.Agent!.Completion;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }
        catch (Exception e)
        {
            LogAgentFailed(logger, e);
            if (ReferenceEquals(_active, active)) _status = _status with { State = LifecycleState.Error, Error = e.Message };
        }
    }

    /// <param name="active">The node.</param>
    /// <param name="keys">Its new keys.</param>
    /// <param name="sealedBy">Null: as they are sealed now. A worker's keys are never locked.</param>
    private void Adopt(ActiveNode active, NodeKeys keys, ClusterLock? sealedBy = null)
    {
        Store(active, _ => keys, sealedBy);
        active.Credentials.Replace(keys);
        _status = _status with { Role = keys.Role };
    }

    private void ManagersChanged(ActiveNode active, ImmutableArray<string> managers)
    {
        if (managers.IsEmpty || managers.SequenceEqual(active.Keys.Managers) || _status.State != LifecycleState.Active) return;
        Store(active, keys => keys with { Managers = managers });
    }

    /// <summary>The only way to change the keys of a node that runs: what one of its threads changes, another does not undo.</summary>
    private void Store(ActiveNode active, Func<NodeKeys, NodeKeys> change, ClusterLock? sealedBy = null)
    {
        lock (_storing)
        {
            NodeKeys keys = change(active.Keys);
            if (sealedBy is null) _keyStore.Save(keys);
            else _keyStore.Save(keys, sealedBy);
            active.Keys = keys;
        }
    }

    /// <summary>The log of another incarnation, half written or given up, is nobody's.</summary>
    private string LogDirectoryOf(ulong incarnation) => Path.Combine(options.LogDirectory, incarnation.ToString(CultureInfo.InvariantCulture));

    private void DeleteOtherLogs(ulong incarnation)
    {
        if (!Directory.Exists(options.LogDirectory)) return;
        foreach (string directory in Directory.EnumerateDirectories(options.LogDirectory))
        {
            if (directory != LogDirectoryOf(incarnation)) Directory.Delete(directory, recursive: true);
        }
    }

    private void DeleteLog()
    {
        if (Directory.Exists(options.LogDirectory)) Directory.Delete(options.LogDirectory, recursive: true);
    }
}
