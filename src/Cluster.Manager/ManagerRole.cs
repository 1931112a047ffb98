using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Leading;
using Cluster.Manager.LogRelaying;
using Cluster.Manager.Members;
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
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan JoinPoll = TimeSpan.FromMilliseconds(50);

    private readonly ManagerRoleOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly FileRaftStorage _storage;
    private readonly RaftHost _raft;
    private readonly ControlThread _control;
    private readonly ManagerChannels _channels;
    private readonly Announcer _announcer;
    private readonly QuorumKeeper _quorum;
    private readonly LeaderLiveness _liveness;
    private readonly SessionKeeper _keeper;
    private readonly SnapshotSaver _snapshots;
    private readonly PeerTransport _peers;
    private readonly SnapshotReceiver _snapshotReceiver;
    private readonly RpcServer _server;
    private readonly StandingKeeper _standing;
    private readonly ExternalSigner _external;
    private Task _running = Task.CompletedTask;

    private ManagerRole(ManagerRoleOptions options)
    {
        _options = options;
        _logger = options.Loggers.CreateLogger<ManagerRole>();
        MemberId self = new(options.RaftMemberId);
        _storage = FileRaftStorage.Open(options.LogDirectory, new StorageIdentity(options.ClusterId.Value, options.Incarnation, self), new RaftDataKeys(options.DataKey, options.OlderDataKeys), new FileRaftStorageOptions());
        RecoveredLog recovered = _storage.Recovered;
        if (recovered.IsEmpty)
        {
            if (options.Foundation is null && options.JoinThrough.IsEmpty) throw new InvalidOperationException($"the log in {options.LogDirectory} is empty, but this manager was a member before: restore it from a backup, or leave with --force and join again");
            if (options.Foundation is not null) recovered = RaftBootstrap.Initialize(_storage, Membership.OfVoters(self));
        }

        SystemIds ids = new();
        Random random = new(RandomNumberGenerator.GetInt32(int.MaxValue));
        AgentSessions sessions = new();
        _control = new ControlThread(LoadState(recovered), recovered.Snapshot?.Index ?? 0, options.Sequencer, ids, random, options.TimeProvider, options.Loggers.CreateLogger<ControlThread>());
        Authorizer authorizer = new(options.Trust, options.NodeId, () => _control.Committed.Current, () => _control.IsCurrent);
        _standing = new StandingKeeper(_control, options.Trust, options.TimeProvider);
        _external = new ExternalSigner(options.ServerCertificate, options.TimeProvider);
        CertificateSigner signer = new(_external, options.TimeProvider);
        RenewalProblems problems = new();
        PeerOptions peerOptions = PeerOptionsOf(options, self, new Random(random.Next()));
        PeerBook peers = new(new PeerBookFile(options.LogDirectory, peerOptions, options.Loggers.CreateLogger<PeerBookFile>()));
        peers.Follow(_control.Committed.Current);
        _control.BatchCommitted += (_, changes) => peers.Follow(changes);
        _control.Restored += restored => peers.Follow(restored.State);
        _peers = new PeerTransport(peerOptions, peers, _storage, options.Loggers);
        _raft = new RaftHost(self, _storage, recovered, new Random(random.Next()), _peers, options.TimeProvider, _control.RaftProgressed);
        _peers.Attach(_raft);
        PeerAdmission admission = new(peerOptions, peers, _raft, authorizer);
        _snapshotReceiver = new SnapshotReceiver(admission, _storage, _raft, options.Loggers.CreateLogger<SnapshotReceiver>());
        _channels = new ManagerChannels(address => PeerChannels.Open(peerOptions, address));
        LeaderCalls leader = new(_control.Leadership, peers.AddressOf, _channels, options.TimeProvider);
        _announcer = new Announcer(options, peerOptions, _control, leader, options.Loggers.CreateLogger<Announcer>());
        _quorum = new QuorumKeeper(_raft, _control, options.TimeProvider, options.Loggers.CreateLogger<QuorumKeeper>());
        _liveness = new LeaderLiveness(_control, options.Loggers.CreateLogger<LeaderLiveness>());
        NodeReports reports = new(_control, _liveness, new LeaderClocks(_control, options.Loggers.CreateLogger<LeaderClocks>()), options.TimeProvider);
        LeaderReports leaderReports = new(leader, reports, options.NodeId);
        _keeper = new SessionKeeper(_control, sessions, leaderReports, ids, random, options.TimeProvider, options.Loggers.CreateLogger<SessionKeeper>());
        _snapshots = new SnapshotSaver(_raft, recovered.Snapshot?.Index ?? 0, options.Loggers.CreateLogger<SnapshotSaver>());
        _control.Applied += _snapshots.Applied;
        _control.Restored += _snapshots.Restored;
        LockTeller lockTeller = new(options.LockChanged);
        lockTeller.Follow(_control.Committed.Current);
        _control.BatchCommitted += lockTeller.Follow;
        _control.Restored += restored => lockTeller.Follow(restored.State);

        LogBroker broker = new(sessions, ids);
        ControlService control = new(_control, _raft, authorizer, signer, problems, options.NodeId, options.AdvertiseAddress, ids, options.TimeProvider);
        NodeLogs nodeLogs = new(broker, _control.Committed, _channels, options.NodeId);
        LogsService logs = new(nodeLogs, _control.Committed);
        WatchService watch = new(_control, options.TimeProvider);
        HealthService health = new(_control);
        ManagersService managers = new(_control, _raft, reports, new ManagerDescriber(_raft, _control, sessions), nodeLogs, authorizer);
        CertificateAuthorityService authority = new(_control, authorizer, signer, problems, ids);
        Action<ServiceBinderBase>[] forPeople =
        [
            binder => Api.V1.Control.BindService(binder, control),
            binder => Logs.BindService(binder, logs),
            binder => Watch.BindService(binder, watch),
            binder => Health.BindService(binder, health),
            binder => Managers.BindService(binder, managers),
        ];
        Action<ServiceBinderBase>[] forNodes =
        [
            binder => CertificateAuthority.BindService(binder, authority),
            binder => Dispatcher.BindService(binder, new DispatcherService(_control, _keeper, leaderReports, sessions, authorizer, options.TimeProvider)),
            binder => LogRelay.BindService(binder, new LogRelayService(broker, authorizer)),
            binder => RaftPeers.BindService(binder, new PeerService(_snapshotReceiver)),
        ];
        CancellationToken stopping = _stopping.Token;
        LocalServices = [.. forPeople.Select(WithLeader).Select(UntilStopped)];
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
            Services = [DefinitionBinder.Collect(forPeople.Concat(forNodes).Select(WithLeader))],
            Protocols = [new PeerStreamService(admission, _raft, options.TimeProvider).Protocol],
            Authorize = authorizer.Authorize,
            IdentityOf = authorizer.AccountOf,
            OnUnhandled = (method, error) => LogUnhandled(_logger, method, error),
            TimeProvider = options.TimeProvider,
            StopGrace = TimeSpan.FromSeconds(1),
        });

        Action<ServiceBinderBase> UntilStopped(Action<ServiceBinderBase> bind) => binder => bind(new StoppingBinder(binder, stopping));

        Action<ServiceBinderBase> WithLeader(Action<ServiceBinderBase> bind) => binder => bind(new LeaderBinder(binder, leader, authorizer));
    }

    /// <summary>Completes when the role has ended, with the error when it failed.</summary>
    public Task Completion => _running;

    /// <summary>What root on this machine may call.</summary>
    public IReadOnlyList<Action<ServiceBinderBase>> LocalServices { get; }

    /// <summary>Seals what is written of log and snapshots from now on under another key, which the caller has stored. Any thread.</summary>
    public void UseDataKey(ImmutableArray<byte> dataKey) => _storage.UseDataKey(dataKey.AsSpan());

    /// <summary>Whether a file of log or snapshots is sealed under this key. Any thread.</summary>
    public bool NeedsDataKey(ImmutableArray<byte> dataKey) => _storage.NeedsDataKey(dataKey.AsSpan());

    /// <summary>Writes a snapshot of all that is committed here, and lets go of the log before it.</summary>
    public async Task SaveSnapshotAsync(CancellationToken ct) => await _snapshots.SaveNowAsync(await _control.ReadAppliedAsync(ct), ct);

    /// <summary>
    /// Returns when the port is open and: a new cluster is committed; a new manager votes in its cluster; the only manager leads. One of
    /// several that is started again returns at once, and answers when a majority of them sees each other.
    /// </summary>
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

    /// <summary>A leader hands leadership to another member first, so that nobody waits for an election.</summary>
    public async ValueTask DisposeAsync()
    {
        await HandOverAsync();
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
        _channels.Dispose();
        await _snapshots.DisposeAsync();
        _snapshotReceiver.Dispose();
        await _control.DisposeAsync();
        _standing.Stop();
        _external.Dispose();
        _storage.Dispose();
        _stopping.Dispose();
    }

    private async Task HandOverAsync()
    {
        if (!_control.IsLeading || _running.IsCompleted) return;
        using CancellationTokenSource patience = new(HandOverTimeout, _options.TimeProvider);
        try
        {
            RaftStatus status = await _raft.DescribeAsync(patience.Token);
            MemberId successor = status.Members.Where(member => member.IsActive && status.Membership.IsVoter(member.Id))
                .OrderByDescending(member => member.Match).Select(member => member.Id).FirstOrDefault();
            if (successor.IsNone || !await _raft.TransferLeadershipAsync(successor, patience.Token)) return;
            while (_control.Leadership.Current.Leader == _raft.Self) await _control.Leadership.NextAsync(patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            // The others elect one.
        }
    }

    private async Task StartAsync(CancellationToken ct)
    {
        TaskCompletionSource leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _control.LeadershipChanged += leads =>
        {
            if (leads) leading.TrySetResult();
        };
        _running = RunAsync(_stopping.Token);
        if (IsAlone)
        {
            // Nobody else can lead, so there is no election to wait for.
            await _raft.CampaignAsync(ct);
            await await Task.WhenAny(leading.Task, _running).WaitAsync(StartTimeout, _options.TimeProvider, ct);
            if (_options.Foundation is { } foundation) await FoundAsync(foundation.Cluster, foundation.Node, ct);
        }

        await _server.StartAsync(ct);
        LogListening(_logger, _options.ListenAddress.ToString());
        if (!_options.JoinThrough.IsEmpty) await JoinAsync(ct);
    }

    private bool IsAlone => _raft.Membership.Voters is [var only] && only == _raft.Self;

    /// <summary>Until this manager has the cluster's state and counts for its quorum.</summary>
    private async Task JoinAsync(CancellationToken ct)
    {
        using CancellationTokenSource patience = new(JoinTimeout, _options.TimeProvider);
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await _announcer.JoinAsync(_options.JoinThrough, giveUp.Token);
            while (!_raft.CommittedMembership.IsVoter(_raft.Self) || _control.Committed.Current.GetNode(_options.NodeId) is null)
            {
                if (_running.IsCompleted) await _running;
                await Task.Delay(JoinPoll, _options.TimeProvider, giveUp.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"this manager did not become a member of the quorum within {JoinTimeout.TotalSeconds:0} s: the other managers must reach it at {_options.AdvertiseAddress} (check --advertise-addr and that the port is open)");
        }
    }

    private async Task FoundAsync(ClusterRecord cluster, NodeRecord node, CancellationToken ct)
    {
        ClusterInit init = new()
        {
            ClusterId = cluster.Id,
            Spec = cluster.Spec,
            Root = cluster.Root,
            JoinSecrets = cluster.JoinSecrets,
            Lock = cluster.Lock,
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
        await using ITimer ticker = _options.TimeProvider.CreateTimer(_ => _control.TryPost(TickSessions), null, SessionTick, SessionTick);
        Task[] parts =
        [
            Task.Run(() => _control.RunAsync(_raft, together.Token), CancellationToken.None),
            _raft.RunAsync(together.Token),
            Task.Run(() => _quorum.RunAsync(together.Token), CancellationToken.None),
            Task.Run(() => _keeper.ReportAsync(together.Token), CancellationToken.None),
            Task.Run(() => AnnounceUntilEndAsync(together.Token), CancellationToken.None),
            Task.Run(() => _standing.RunAsync(_server.JudgeAgain, together.Token), CancellationToken.None),
            Task.Run(() => CatchUpAsync(together.Token), CancellationToken.None),
        ];
        Task first = await Task.WhenAny(parts);
        await together.CancelAsync();
        await Task.WhenAll(parts).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
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

    private async Task AnnounceUntilEndAsync(CancellationToken ct)
    {
        await _announcer.RefreshAsync(ct);
        await Task.Delay(Timeout.InfiniteTimeSpan, _options.TimeProvider, ct);
    }

    /// <summary>Asks a leader once for all that was committed, so that this manager knows what it does not know.</summary>
    private async Task CatchUpAsync(CancellationToken ct)
    {
        while (!_control.IsCurrent)
        {
            try
            {
                await _control.ReadAsync(ct);
            }
            catch (NoLeaderException)
            {
                // There will be one.
            }
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, _options.TimeProvider, ct);
    }

    private void TickSessions()
    {
        _keeper.Tick();
        _liveness.Tick();
    }

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
