using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Manager.Hosting;
using Cluster.Manager.LogRelaying;
using Cluster.Manager.Peers;
using Cluster.Manager.Security;
using Cluster.Manager.Services;
using Cluster.Manager.Sessions;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Rpc.Server;
using Cluster.Store;
using Cluster.Store.Snapshots;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager;

/// <summary>
/// The manager role of a node: log, Raft, control thread, sessions and the services on port 2377. Started and stopped once.
/// </summary>
public sealed partial class ManagerRole : IAsyncDisposable
{
    private static readonly TimeSpan SessionTick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly ManagerRoleOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly IRaftStorage _storage;
    private readonly RaftHost _raft;
    private readonly ControlThread _control;
    private readonly SessionKeeper _keeper;
    private readonly SnapshotSaver _snapshots;
    private readonly PeerTransport _peers;
    private readonly SnapshotReceiver _snapshotReceiver;
    private readonly RpcServer _server;
    private Task _running = Task.CompletedTask;

    private ManagerRole(ManagerRoleOptions options)
    {
        _options = options;
        _logger = options.Loggers.CreateLogger<ManagerRole>();
        MemberId self = new(options.RaftMemberId);
        _storage = FileRaftStorage.Open(options.LogDirectory, new StorageIdentity(options.ClusterId.Value, options.Incarnation, self), [.. options.DataKey], new FileRaftStorageOptions());
        RecoveredLog recovered = _storage.Recovered;
        if (recovered.IsEmpty)
        {
            if (options.Foundation is null) throw new InvalidOperationException($"the log in {options.LogDirectory} is empty, but this manager was a member before: restore it from a backup, or leave with --force and join again");
            recovered = RaftBootstrap.Initialize(_storage, Membership.OfVoters(self));
        }

        SystemIds ids = new();
        Random random = new(RandomNumberGenerator.GetInt32(int.MaxValue));
        AgentSessions sessions = new();
        _control = new ControlThread(LoadState(recovered), recovered.Snapshot?.Index ?? 0, ids, random, options.TimeProvider, options.Loggers.CreateLogger<ControlThread>());
        PeerOptions peerOptions = PeerOptionsOf(options, self, new Random(random.Next()));
        PeerBook peers = new(new PeerBookFile(options.LogDirectory, peerOptions, options.Loggers.CreateLogger<PeerBookFile>()));
        peers.Follow(_control.Committed.Current);
        _control.BatchCommitted += (_, changes) => peers.Follow(changes);
        _control.Restored += restored => peers.Follow(restored.State);
        _peers = new PeerTransport(peerOptions, peers, _storage, options.Loggers);
        _raft = new RaftHost(self, _storage, recovered, new Random(random.Next()), _peers, options.TimeProvider, _control.RaftProgressed);
        _peers.Attach(_raft);
        _keeper = new SessionKeeper(_control, sessions, ids, random, options.Loggers.CreateLogger<SessionKeeper>());
        _snapshots = new SnapshotSaver(_raft, recovered.Snapshot?.Index ?? 0, options.Loggers.CreateLogger<SnapshotSaver>());
        _control.Applied += _snapshots.Applied;
        _control.Restored += _snapshots.Restored;

        Authorizer authorizer = new(options.Trust, () => _control.Committed.Current);
        PeerAdmission admission = new(peerOptions, peers, _raft, authorizer);
        _snapshotReceiver = new SnapshotReceiver(admission, _storage, _raft, options.Loggers.CreateLogger<SnapshotReceiver>());
        LogBroker broker = new(sessions, ids);
        ControlService control = new(_control, authorizer, options.NodeId, options.AdvertiseAddress, ids);
        LogsService logs = new(broker, _control.Committed);
        WatchService watch = new(_control);
        HealthService health = new(_control);
        LocalServices =
        [
            binder => Api.V1.Control.BindService(binder, control),
            binder => Logs.BindService(binder, logs),
            binder => Watch.BindService(binder, watch),
            binder => Health.BindService(binder, health),
        ];
        _server = new RpcServer(new RpcServerOptions
        {
            Endpoints =
            [
                RpcEndpoint.Tcp(options.ListenAddress, new RpcServerTls
                {
                    Certificate = options.ServerCertificate,
                    ClientCertificate = RpcClientCertificateMode.Optional,

                    // Judged by the authoriser with each call, which can say why.
                    ValidateClient = static (_, _, _, _) => true,
                }),
            ],
            Services =
            [
                Api.V1.Control.BindService(control),
                Logs.BindService(logs),
                Watch.BindService(watch),
                Health.BindService(health),
                CertificateAuthority.BindService(new CertificateAuthorityService(_control, authorizer, ids, options.TimeProvider)),
                Dispatcher.BindService(new DispatcherService(_control, _keeper, sessions, authorizer)),
                LogRelay.BindService(new LogRelayService(broker, authorizer)),
                RaftPeers.BindService(new PeerService(admission, _raft, _snapshotReceiver)),
            ],
            Authorize = authorizer.Authorize,
            OnUnhandled = (method, error) => LogUnhandled(_logger, method, error),
            TimeProvider = options.TimeProvider,
            StopGrace = TimeSpan.FromSeconds(1),
        });
    }

    /// <summary>Completes when the role has ended, with the error when it failed.</summary>
    public Task Completion => _running;

    /// <summary>What root on this machine may call.</summary>
    public IReadOnlyList<Action<ServiceBinderBase>> LocalServices { get; }

    /// <summary>Returns when this manager leads, its state is whole and its port is open; a new cluster is committed by then.</summary>
    public static async Task<ManagerRole> StartAsync(ManagerRoleOptions options, CancellationToken ct)
    {
        ManagerRole role = new(options);
        try
        {
            await role.StartAsync(ct);
            return role;
        }
        catch
        {
            await role.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
        }

        await _peers.DisposeAsync();
        await _snapshots.DisposeAsync();
        _snapshotReceiver.Dispose();
        await _control.DisposeAsync();
        _storage.Dispose();
        _stopping.Dispose();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        TaskCompletionSource leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _control.LeadershipChanged += leads =>
        {
            if (leads) leading.TrySetResult();
        };
        _running = RunAsync(_stopping.Token);

        // One member: nobody else can lead, so there is no election to wait for.
        await _raft.CampaignAsync(ct);
        await await Task.WhenAny(leading.Task, _running).WaitAsync(StartTimeout, _options.TimeProvider, ct);
        if (_options.Foundation is { } foundation) await FoundAsync(foundation.Cluster, foundation.Node, ct);
        await _server.StartAsync(ct);
        LogListening(_logger, _options.ListenAddress.ToString());
    }

    private async Task FoundAsync(ClusterRecord cluster, NodeRecord node, CancellationToken ct)
    {
        ClusterInit init = new()
        {
            ClusterId = cluster.Id,
            Spec = cluster.Spec,
            Root = cluster.Root,
            JoinSecrets = cluster.JoinSecrets,
            NodeId = node.Id,
            PublicKeyDigest = node.Certificate.PublicKeyDigest,
            CertificateDer = node.Certificate.CertificateDer,
            NodeSpec = node.Spec,
            Description = node.Description,
            Manager = node.Manager!,
        };
        Result<ClusterRecord> result = await _control.SubmitAsync("init", tx => ClusterCommands.Init(tx, init), ct);
        Invariant.Check(result.IsOk, $"a new cluster's first change was refused: {result.Refusal?.Message}");
    }

    private async Task RunAsync(CancellationToken ct)
    {
        using CancellationTokenSource together = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using ITimer ticker = _options.TimeProvider.CreateTimer(_ => _control.TryPost(_keeper.Tick), null, SessionTick, SessionTick);
        Task control = Task.Run(() => _control.RunAsync(_raft, together.Token), CancellationToken.None);
        Task raft = _raft.RunAsync(together.Token);
        Task first = await Task.WhenAny(control, raft);
        await together.CancelAsync();
        await Task.WhenAll(control, raft).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await first;
    }

    private static PeerOptions PeerOptionsOf(ManagerRoleOptions options, MemberId self, Random random) => new()
    {
        ClusterId = options.ClusterId,
        Incarnation = options.Incarnation,
        Self = self,
        AdvertiseAddress = options.AdvertiseAddress,
        Trust = options.Trust,
        Certificate = options.ServerCertificate,
        Random = random,
        TimeProvider = options.TimeProvider,
    };

    private StoreSnapshot LoadState(RecoveredLog recovered)
    {
        if (recovered.Snapshot is not { } snapshot) return StoreSnapshot.Empty;
        using Stream content = _storage.OpenSnapshot(snapshot);
        return SnapshotReader.Read(content, CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Manager listening on {Address}")]
    private static partial void LogListening(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed unexpectedly")]
    private static partial void LogUnhandled(ILogger logger, string method, Exception error);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The manager role failed")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
