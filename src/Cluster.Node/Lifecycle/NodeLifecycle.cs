using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Model;
using Cluster.Model.Objects;
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
internal sealed partial class NodeLifecycle(NodeOptions options, INodeRoles roles, Random random, TimeProvider timeProvider, ILogger<NodeLifecycle> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _storing = new();
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
            if (_keyStore.IsLocked)
            {
                LogLocked(logger);
                _status = LifecycleStatus.Locked;
                return;
            }

            await ResumeRolesAsync(ct);
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

    private async Task ResumeRolesAsync(CancellationToken ct)
    {
        NodeKeys keys = Moved(_keyStore.Load());
        if (keys.Manager is { } manager) DeleteOtherLogs(manager.Incarnation);
        await ActivateAsync(keys, foundation: null, joinThrough: [], ct);
        LogResumed(logger, keys.NodeId.ToString(), keys.Role);
    }

    /// <summary>A machine that has got another address: the cluster hears of it when the manager announces itself. Stored, so that the next start needs no option.</summary>
    private NodeKeys Moved(NodeKeys keys)
    {
        if (options.AdvertiseAddress.Length == 0 && options.ListenAddress.Length == 0) return keys;
        string present = keys.ListenAddress.Length > 0 ? keys.ListenAddress : NodeAddresses.DefaultListen;
        string listen = Given(NodeAddresses.WithPort(options.ListenAddress.Length > 0 ? options.ListenAddress : present, "listen-addr"));
        string advertise = Given(NodeAddresses.Advertise(options.AdvertiseAddress.Length > 0 ? options.AdvertiseAddress : keys.AdvertiseAddress, listen));
        if (listen == keys.ListenAddress && advertise == keys.AdvertiseAddress) return keys;
        LogMoved(logger, keys.AdvertiseAddress, advertise);
        keys = keys with { ListenAddress = listen, AdvertiseAddress = advertise, Managers = [.. keys.Managers.Select(manager => manager == keys.AdvertiseAddress ? advertise : manager)] };
        _keyStore.Save(keys);
        return keys;

        static string Given(Result<string> address) => address.Refusal is { } refusal ? throw new InvalidOperationException($"clusterd's option {refusal.Message}") : address.Value;
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
            Result<Foundation> founded = await roles.FoundAsync(
                new FoundationRequest(CertificateRequests.Create(key), advertise.Value, memberId, settings.Spec, settings.Availability, Environment.MachineName) { Root = settings.Root }, ct);
            if (founded.Refusal is { } unfounded) return unfounded;
            Foundation foundation = founded.Value;
            NodeKeys keys = new()
            {
                ClusterId = foundation.Cluster.Id,
                NodeId = foundation.Node.Id,
                Role = NodeRole.Manager,
                RootCertificateDer = foundation.Cluster.Root.CertificateDer,
                CertificateChainDer = [foundation.Node.Certificate.CertificateDer],
                PrivateKeyPkcs8 = [.. key.ExportPkcs8PrivateKey()],
                Managers = [advertise.Value],
                ListenAddress = listen.Value,
                AdvertiseAddress = advertise.Value,
                Manager = NewManagerKeys(memberId, incarnation: 1) with { LockGeneration = foundation.Cluster.Lock.Generation },
            };
            DeleteRoleState();
            await EstablishAsync(keys, foundation, joinThrough: [], foundation.Cluster.Lock, ct);
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
            Result<string> listen = NodeAddresses.WithPort(settings.ListenAddress.Length > 0 ? settings.ListenAddress : NodeAddresses.DefaultListen, "listen-addr");
            if (!listen.IsOk) return listen.Refusal!;
            Result<string> advertise = await NodeAddresses.AdvertiseTowardsAsync(settings.AdvertiseAddress, listen.Value, managers[0], ct);
            if (!advertise.IsOk) return advertise.Refusal!;

            using ECDsa key = _keyStore.PendingJoinKey();
            Result<IssuedIdentity> joined = await new JoinClient(timeProvider).JoinAsync(settings.Token, managers, key, settings.Details, ct);
            if (joined.Refusal is { } refusal)
            {
                if (refusal.Kind == RefusalKind.PermissionDenied) _keyStore.ForgetPendingJoin();
                return refusal;
            }

            IssuedIdentity issued = joined.Value;
            NodeKeys keys = new NodeKeys
            {
                ClusterId = issued.Identity.ClusterId,
                NodeId = issued.Identity.NodeId,
                Role = issued.Identity.Role,
                RootCertificateDer = issued.Roots.TrustedDer[0],
                CertificateChainDer = issued.CertificateChainDer,
                PrivateKeyPkcs8 = [.. key.ExportPkcs8PrivateKey()],
                Managers = issued.Managers.IsEmpty ? [.. managers] : issued.Managers,
                ListenAddress = listen.Value,
                AdvertiseAddress = settings.AdvertiseAddress.Length > 0 || issued.Identity.Role == NodeRole.Manager ? advertise.Value : "",
                Manager = issued.Identity.Role == NodeRole.Manager ? NewManagerKeys(NewMemberId(), issued.Incarnation) : null,
            }.Believing(issued.Roots);
            DeleteRoleState();
            await EstablishAsync(keys, foundation: null, keys.Manager is null ? [] : [.. managers], ClusterLock.Open, ct);
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
                if (_status.State == LifecycleState.Locked && !force)
                    return Refusal.FailedPrecondition("this node is locked: 'cluster node unlock' first; with --force its cluster state is deleted all the same");
                if (_status.State is not (LifecycleState.Error or LifecycleState.Locked)) return Refusal.FailedPrecondition("this node is not part of a cluster");
                if (!force) return Refusal.FailedPrecondition($"this node's roles do not run ({_status.Error}): with --force its cluster state is deleted all the same");
            }
            else if (active.Keys.Role == NodeRole.Manager && !force)
            {
                return Refusal.FailedPrecondition(active.Keys.Managers.Length > 1
                    ? $"this node is a manager: 'cluster node demote {active.Keys.NodeId}' first, so that the quorum does not count on it; or leave with --force"
                    : "this node is the cluster's last manager: leaving ends the cluster and deletes its state; if that is meant, use --force");
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
        // A change of role may be under way, which can take minutes.
        if (_active is { } changing) await changing.EndAsync();
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
        LifecycleState.Locked => Refusal.FailedPrecondition($"this node belongs to a cluster and is locked: 'cluster node unlock', or 'cluster node leave --force' before you {wish}"),
        _ => Refusal.FailedPrecondition($"this node is already part of cluster {_status.ClusterId}: 'cluster node leave' before you {wish}"),
    };

    private void DeleteState()
    {
        // The keys first: without them the rest is nobody's.
        _keyStore.Clear();
        DeleteRoleState();
    }

    private void DeleteRoleState()
    {
        DeleteLog();
        if (Directory.Exists(options.AgentDirectory)) Directory.Delete(options.AgentDirectory, recursive: true);
    }

    private static ManagerKeys NewManagerKeys(ulong memberId, ulong incarnation) => new()
    {
        RaftMemberId = memberId,
        Incarnation = incarnation,
        DataKey = [.. RandomNumberGenerator.GetBytes(32)],
    };

    private static ulong NewMemberId()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BitConverter.ToUInt64(bytes));
    }
}
