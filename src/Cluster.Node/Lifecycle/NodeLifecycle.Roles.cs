using System.Collections.Immutable;
using System.Globalization;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Node.Certificates;
using Cluster.Node.Keys;
using Cluster.Node.Roles;

namespace Cluster.Node.Lifecycle;

/// <summary>The roles that run, and how they follow what the cluster says this node is.</summary>
internal sealed partial class NodeLifecycle
{
    private static readonly TimeSpan ShortestRetryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(1);

    /// <summary>The longest that a timer is set for: a clock that is put right meanwhile is noticed.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

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

    /// <summary>
    /// Renews the certificate in time, and at once when the cluster wants this node in another role or has other roots: the new certificate brings
    /// both. Tries again later and later, sooner when there is news.
    /// </summary>
    private async Task FollowIdentityAsync(ActiveNode active)
    {
        CancellationToken ct = active.Ending;
        DateTime due = NextRenewal(active);
        Task wanted = active.IdentityWantedAsync(ct);
        TimeSpan delay = ShortestRetryDelay;
        while (!ct.IsCancellationRequested)
        {
            if (wanted.IsCompleted) wanted = active.IdentityWantedAsync(ct);
            TimeSpan wait = active.WantsRenewal ? TimeSpan.Zero : due - timeProvider.GetUtcNow().UtcDateTime;
            if (wait > TimeSpan.Zero)
            {
                await Task.WhenAny(wanted, Task.Delay(wait < LongestWait ? wait : LongestWait, timeProvider, ct));
                continue;
            }

            if (await TryRenewAsync(active, ct))
            {
                (due, delay) = (NextRenewal(active), ShortestRetryDelay);
                continue;
            }

            object? before = active.Wanted;
            await Task.WhenAny(Task.Delay(delay, timeProvider, ct));
            delay = !Equals(before, active.Wanted) ? ShortestRetryDelay : delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay;
        }
    }

    private DateTime NextRenewal(ActiveNode active) => RenewalTime.Of(active.Credentials.NotBeforeUtc, active.Credentials.NotAfterUtc, random.NextDouble());

    /// <summary>False: to be tried again.</summary>
    private async Task<bool> TryRenewAsync(ActiveNode active, CancellationToken ct)
    {
        try
        {
            // Asking may take long, and nothing has changed yet: a wish to leave need not wait for it.
            object? wish = active.Wanted;
            Result<IssuedIdentity> issued = await new RenewalClient(timeProvider).RenewAsync(active.Keys, active.Credentials, active.Agent?.ConnectedManager, ct);
            if (issued.Refusal is { } refusal)
            {
                LogNotRenewed(logger, refusal.Message);
                return false;
            }

            await _gate.WaitAsync(ct);
            try
            {
                await TakeAsync(active, issued.Value, ct);
                active.Renewed(wish);
                return !active.WantsRenewal;
            }
            finally
            {
                _gate.Release();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) // whatever a role's start may throw: the node goes on as it was, and tries again
        {
            LogIdentityFailed(logger, e);
            return false;
        }
    }

    private async Task TakeAsync(ActiveNode active, IssuedIdentity issued, CancellationToken ct)
    {
        // What others will show is believed, and known after a restart too, before anything is done with the certificate that goes with it.
        if (issued.Roots.Generation != active.Keys.RootGeneration || !issued.Roots.Digest.AsSpan().SequenceEqual(TrustedRoots.DigestOf(active.Keys.RootsDer).AsSpan()))
        {
            Adopt(active, active.Keys.Believing(issued.Roots));
        }

        NodeKeys keys = active.Keys with
        {
            Role = issued.Identity.Role,
            CertificateChainDer = issued.CertificateChainDer,
            Managers = issued.Managers.IsEmpty ? active.Keys.Managers : issued.Managers,
        };
        if (keys.Role == NodeRole.Manager && active.Keys.Manager is { } member && IsGivenUp(member, issued))
        {
            LogGivenUp(logger, member.RaftMemberId);
            await DemoteAsync(active, keys with { Role = NodeRole.Worker, CertificateChainDer = active.Keys.CertificateChainDer });
            keys = keys with { Manager = null };
        }

        if (keys.Role == active.Keys.Role) Adopt(active, keys);
        else if (keys.Role == NodeRole.Manager) await PromoteAsync(active, keys, issued.Incarnation, ct);
        else await DemoteAsync(active, keys);
        LogRenewed(logger, keys.Role, active.Credentials.NotAfterUtc);
    }

    /// <summary>
    /// The cluster does not take this manager for the member that it is: it was demoted, and promoted again before it noticed, and as a new member it
    /// has to begin anew. The same for one of another history.
    /// </summary>
    private static bool IsGivenUp(ManagerKeys member, IssuedIdentity issued) =>
        issued.Incarnation > member.Incarnation || (issued.RaftMemberId is { } known && (known != member.RaftMemberId || issued.Incarnation != member.Incarnation));

    /// <summary>Stored when this manager counts for the quorum: until then a restart finds a worker that is promoted anew.</summary>
    private async Task PromoteAsync(ActiveNode active, NodeKeys keys, ulong incarnation, CancellationToken ct)
    {
        string listen = keys.ListenAddress.Length > 0 ? keys.ListenAddress : NodeAddresses.DefaultListen;
        Result<string> advertise = await NodeAddresses.AdvertiseTowardsAsync(keys.AdvertiseAddress, listen, keys.Managers[0], ct);
        if (advertise.Refusal is { } refusal) throw new InvalidOperationException($"this node cannot become a manager: {refusal.Message}");
        keys = keys with { ListenAddress = listen, AdvertiseAddress = advertise.Value, Manager = NewManagerKeys(NewMemberId(), incarnation) };
        DeleteLog();
        active.Credentials.Replace(keys);
        await StartManagerAsync(active, keys, foundation: null, keys.Managers, ct);

        // The list of managers has changed by this one meanwhile.
        Adopt(active, keys with { Managers = active.Keys.Managers });
    }

    /// <summary>Stored first: this member was removed from the group and must never speak for it again.</summary>
    private async Task DemoteAsync(ActiveNode active, NodeKeys keys)
    {
        Adopt(active, keys with { Manager = null }, ClusterLock.Open);
        if (active.Manager is { } manager)
        {
            active.Manager = null;
            await manager.DisposeAsync();
        }

        DeleteLog();
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
