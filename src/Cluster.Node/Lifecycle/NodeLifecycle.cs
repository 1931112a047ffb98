using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.States;
using Cluster.Node.Certificates;
using Cluster.Node.Joining;
using Cluster.Node.Keys;
using Cluster.Node.Roles;
using Microsoft.Extensions.Logging;

namespace Cluster.Node.Lifecycle;

/// <summary>
/// Whether this machine is a node of a cluster, and which roles run. One change at a time. Keys are on disk before a change is
/// reported as done, and a change that fails leaves nothing behind: a machine without a key store belongs to no cluster, whatever else
/// is in its state directory.
/// </summary>
internal sealed partial class NodeLifecycle(NodeOptions options, INodeRoles roles, TimeProvider timeProvider, ILogger<NodeLifecycle> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly KeyStore _keyStore = new(options.KeysDirectory);
    private readonly TaskCompletionSource _managerFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ActiveNode? _active;
    private Task _watching = Task.CompletedTask;
    private volatile LifecycleStatus _status = LifecycleStatus.Inactive;

    public LifecycleStatus Status => _active is { } active && _status.State == LifecycleState.Active
        ? _status with { Managers = active.Keys.Managers, CertificateNotAfterUtc = active.Credentials.NotAfterUtc }
        : _status;

    public IAgentRole? Agent => _active?.Agent;

    public IManagerRole? Manager => _active?.Manager;

    /// <summary>Faults when a running manager role fails: only a new start of the daemon reads the log again from the disk.</summary>
    public Task ManagerFailed => _managerFailed.Task;

    /// <summary>Starts the roles of a node that was in a cluster before. What fails is kept as the status, so that it can be asked for.</summary>
    public async Task ResumeAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (!_keyStore.HasKeys) return;
            NodeKeys keys = _keyStore.Load();
            await ActivateAsync(keys, foundation: null, ct);
            LogResumed(logger, keys.NodeId.ToString(), keys.Role);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogResumeFailed(logger, e);
            _status = _status with { State = LifecycleState.Error, Error = e.Message };
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<Result<InitOutcome>> InitAsync(InitSettings settings, CancellationToken ct)
    {
        if (!await _gate.WaitAsync(TimeSpan.Zero, ct)) return Busy;
        try
        {
            if (CheckFree("start a new cluster") is { } occupied) return occupied;
            Result<string> listen = NodeAddresses.WithPort(settings.ListenAddress, "listen-addr");
            if (!listen.IsOk) return listen.Refusal!;
            Result<string> advertise = NodeAddresses.Advertise(settings.AdvertiseAddress, listen.Value);
            if (!advertise.IsOk) return advertise.Refusal!;

            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            ulong memberId = NewMemberId();
            Foundation foundation = roles.Found(new FoundationRequest(
                CertificateRequests.Create(key), advertise.Value, memberId, settings.Spec, settings.Availability, Environment.MachineName));
            NodeKeys keys = new()
            {
                ClusterId = foundation.Cluster.Id,
                NodeId = foundation.Node.Id,
                Role = NodeRole.Manager,
                RootCertificateDer = foundation.Cluster.Root.CertificateDer,
                CertificateChainDer = [foundation.Node.Certificate.CertificateDer],
                PrivateKeyPkcs8 = [.. key.ExportPkcs8PrivateKey()],
                Managers = [advertise.Value],
                Manager = new ManagerKeys
                {
                    RaftMemberId = memberId,
                    Incarnation = 1,
                    DataKey = [.. RandomNumberGenerator.GetBytes(32)],
                    ListenAddress = listen.Value,
                    AdvertiseAddress = advertise.Value,
                },
            };
            await EstablishAsync(keys, foundation, ct);
            LogInitialised(logger, keys.ClusterId.ToString(), keys.NodeId.ToString(), advertise.Value);
            return new InitOutcome(keys.NodeId, foundation.Cluster, advertise.Value);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<Result<JoinOutcome>> JoinAsync(JoinSettings settings, CancellationToken ct)
    {
        if (!await _gate.WaitAsync(TimeSpan.Zero, ct)) return Busy;
        try
        {
            if (CheckFree("join a cluster") is { } occupied) return occupied;
            List<string> managers = [];
            foreach (string manager in settings.Managers)
            {
                Result<string> address = NodeAddresses.WithPort(manager, "manager address");
                if (!address.IsOk) return address.Refusal!;
                managers.Add(address.Value);
            }

            if (managers.Count == 0) return Refusal.Invalid("give the address of a manager, HOST:PORT");

            using ECDsa key = _keyStore.PendingJoinKey();
            Result<JoinedIdentity> joined = await new JoinClient(timeProvider).JoinAsync(settings.Token, managers, key, settings.Details, ct);
            if (joined.Refusal is { } refusal)
            {
                if (refusal.Kind == RefusalKind.PermissionDenied) _keyStore.ForgetPendingJoin();
                return refusal;
            }

            NodeKeys keys = new()
            {
                ClusterId = joined.Value.Identity.ClusterId,
                NodeId = joined.Value.Identity.NodeId,
                Role = joined.Value.Identity.Role,
                RootCertificateDer = joined.Value.RootCertificateDer,
                CertificateChainDer = joined.Value.CertificateChainDer,
                PrivateKeyPkcs8 = [.. key.ExportPkcs8PrivateKey()],
                Managers = joined.Value.Managers.IsEmpty ? [.. managers] : joined.Value.Managers,
            };
            await EstablishAsync(keys, foundation: null, ct);
            LogJoined(logger, keys.ClusterId.ToString(), keys.NodeId.ToString(), keys.Role);
            return new JoinOutcome(keys.NodeId, keys.Role);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<Refusal?> LeaveAsync(bool force, CancellationToken ct)
    {
        if (!await _gate.WaitAsync(TimeSpan.Zero, ct)) return Busy;
        try
        {
            if (_active is not { } active)
            {
                if (_status.State != LifecycleState.Error) return Refusal.FailedPrecondition("this node is not part of a cluster");
                if (!force) return Refusal.FailedPrecondition($"this node's roles do not run ({_status.Error}): with --force its cluster state is deleted all the same");
            }
            else if (active.Keys.Role == NodeRole.Manager && !force)
            {
                return Refusal.FailedPrecondition("this node is the cluster's last manager: leaving ends the cluster and deletes its state; if that is meant, use --force");
            }
            else
            {
                if (active.Agent is { } agent) await agent.RemoveEverythingAsync(ct);
                await active.DisposeAsync();
            }

            _active = null;
            DeleteState();
            _status = LifecycleStatus.Inactive;
            LogLeft(logger);
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync(CancellationToken.None);
        if (_active is { } active) await active.DisposeAsync();
        _active = null;
        await _watching;
        _gate.Dispose();
    }

    private static Refusal Busy => Refusal.FailedPrecondition("another init, join or leave is under way on this node: wait for it");

    private Refusal? CheckFree(string wish) => _status.State switch
    {
        LifecycleState.Inactive => null,
        LifecycleState.Error => Refusal.FailedPrecondition($"this node belongs to a cluster that it cannot start ({_status.Error}): mend that, or 'cluster node leave --force' before you {wish}"),
        _ => Refusal.FailedPrecondition($"this node is already part of cluster {_status.ClusterId}: 'cluster node leave' before you {wish}"),
    };

    /// <summary>Starts the roles with new keys, and stores the keys when they run; on failure nothing of it stays.</summary>
    private async Task EstablishAsync(NodeKeys keys, Foundation? foundation, CancellationToken ct)
    {
        DeleteRoleState();
        try
        {
            await ActivateAsync(keys, foundation, ct);
            _keyStore.Save(keys);
            _keyStore.ForgetPendingJoin();
        }
        catch
        {
            if (_active is { } active) await active.DisposeAsync();
            _active = null;
            _status = LifecycleStatus.Inactive;
            DeleteRoleState();
            throw;
        }
    }

    private async Task ActivateAsync(NodeKeys keys, Foundation? foundation, CancellationToken ct)
    {
        _status = new LifecycleStatus { State = LifecycleState.Starting, NodeId = keys.NodeId, ClusterId = keys.ClusterId, Role = keys.Role };
        NodeCredentials credentials = new(keys, timeProvider);
        ActiveNode active = new(keys, credentials);
        _active = active;
        if (keys.Manager is { } manager)
        {
            active.Manager = await roles.StartManagerAsync(
                new ManagerRoleSettings
                {
                    ClusterId = keys.ClusterId,
                    NodeId = keys.NodeId,
                    RaftMemberId = manager.RaftMemberId,
                    Incarnation = manager.Incarnation,
                    DataKey = manager.DataKey,
                    ListenAddress = manager.ListenAddress,
                    AdvertiseAddress = manager.AdvertiseAddress,
                    Trust = credentials.Trust,
                    ServerCertificate = () => credentials.ServerCertificate,
                    LogDirectory = options.LogDirectory,
                    Foundation = foundation,
                },
                ct);
        }

        active.Agent = await roles.StartAgentAsync(
            new AgentRoleSettings
            {
                ClusterId = keys.ClusterId,
                NodeId = keys.NodeId,
                Managers = keys.Managers,
                Tls = credentials.ClientTls,
                StateDirectory = options.AgentDirectory,
                ManagersChanged = managers => ManagersChanged(active, managers),
            },
            ct);
        _status = _status with { State = LifecycleState.Active };
        _watching = Task.WhenAll(WatchManagerAsync(active), WatchAgentAsync(active));
    }

    private async Task WatchManagerAsync(ActiveNode active)
    {
        if (active.Manager is not { } manager) return;
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

    private void ManagersChanged(ActiveNode active, ImmutableArray<string> managers)
    {
        if (managers.IsEmpty || managers.SequenceEqual(active.Keys.Managers) || _status.State != LifecycleState.Active) return;
        active.Keys = active.Keys with { Managers = managers };
        _keyStore.Save(active.Keys);
    }

    private void DeleteState()
    {
        // The keys first: without them the rest is nobody's.
        _keyStore.Clear();
        DeleteRoleState();
    }

    private void DeleteRoleState()
    {
        if (Directory.Exists(options.LogDirectory)) Directory.Delete(options.LogDirectory, recursive: true);
        if (Directory.Exists(options.AgentDirectory)) Directory.Delete(options.AgentDirectory, recursive: true);
    }

    private static ulong NewMemberId()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BitConverter.ToUInt64(bytes));
    }
}
