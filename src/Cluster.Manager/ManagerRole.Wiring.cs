using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Leading;
using Cluster.Manager.LogRelaying;
using Cluster.Manager.Members;
using Cluster.Manager.Peers;
using Cluster.Manager.Security;
using Cluster.Manager.Services;
using Cluster.Manager.Sessions;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Rpc.Server;
using Cluster.Store;
using Cluster.Store.Snapshots;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager;

/// <summary>Who is told of what: the parts of a manager, put together.</summary>
public sealed partial class ManagerRole
{
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
}
