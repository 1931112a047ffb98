using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Manager;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Peers;
using Cluster.Manager.Recovery;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Tokens;
using Cluster.Rpc;
using Cluster.Store.Sequencing;
using Cluster.UnitTests.Manager.Peers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.UnitTests.Manager;

/// <summary>A manager of a cluster of its own, with its log in a temporary directory and its port on loopback.</summary>
internal sealed class RunningManager : IAsyncDisposable
{
    private readonly string _directory;
    private readonly ECDsa _key;
    private readonly ShownCertificate _shown;
    private ManagerRoleOptions _options;
    private bool _isStopped;

    private RunningManager(string directory, ECDsa key, ShownCertificate shown, ManagerRoleOptions options, ClusterRecord cluster, NodeRecord node)
    {
        (_directory, _key, _shown, _options, Cluster, Node) = (directory, key, shown, options, cluster, node);
    }

    public ClusterRecord Cluster { get; }

    public NodeRecord Node { get; }

    public ManagerRole Role { get; private set; } = null!;

    public RpcAddress Address => RpcAddress.Parse(_options.AdvertiseAddress);

    public X509Certificate2 Root => _options.Trust.Root;

    /// <summary>The manager's own first certificate with its key.</summary>
    public X509Certificate2 ManagerCertificate => CertificateOf(Node.Certificate.CertificateDer.AsSpan(), _key);

    public ulong RaftMemberId => _options.RaftMemberId;

    public ClusterTrust Trust => _options.Trust;

    public JoinToken ManagerToken => JoinToken.Create(Cluster.Root.CertificateDer.AsSpan(), Cluster.JoinSecrets.Manager);

    public JoinToken WorkerToken => JoinToken.Create(Cluster.Root.CertificateDer.AsSpan(), Cluster.JoinSecrets.Worker);

    /// <param name="time">Its clock; null: the machine's.</param>
    /// <param name="loggers">Null: nothing is logged.</param>
    /// <param name="sequencer">Null: as a manager has it.</param>
    public static async Task<RunningManager> StartAsync(TimeProvider? time = null, ILoggerFactory? loggers = null, SequencerOptions? sequencer = null)
    {
        time ??= TimeProvider.System;
        string directory = Directory.CreateTempSubdirectory("cluster-manager-").FullName;
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        int port = FreePort();
        string address = $"127.0.0.1:{port}";
        (ClusterRecord cluster, NodeRecord node) = (await ClusterFounder.FoundAsync(
            Csr(key), address, raftMemberId: 7, new ClusterSpec(), givenRoot: null, NodeAvailability.Active, "m1", new SystemIds(), time, CancellationToken.None)).Value;
        ShownCertificate shown = new(CertificateOf(node.Certificate.CertificateDer.AsSpan(), key), []);
        ManagerRoleOptions options = new()
        {
            ClusterId = cluster.Id,
            NodeId = node.Id,
            RaftMemberId = 7,
            Incarnation = 1,
            DataKey = [.. RandomNumberGenerator.GetBytes(32)],
            ListenAddress = new IPEndPoint(IPAddress.Loopback, port),
            AdvertiseAddress = address,
            Trust = new ClusterTrust(X509CertificateLoader.LoadCertificate(cluster.Root.CertificateDer.AsSpan()), cluster.Id, time),
            ServerCertificate = () => shown.Context,
            LogDirectory = Path.Combine(directory, "raft"),
            Foundation = (cluster, node),
            Sequencer = sequencer ?? new SequencerOptions(),
            TimeProvider = time,
            Loggers = loggers ?? NullLoggerFactory.Instance,
        };
        RunningManager manager = new(directory, key, shown, options, cluster, node);
        manager.Role = await ManagerRole.StartAsync(options, CancellationToken.None);
        return manager;
    }

    /// <summary>A further manager of the same cluster, as 'node join' with the manager's token makes it; returns when it counts for the quorum.</summary>
    /// <param name="time">Its clock; null: as this one's.</param>
    public async Task<RunningManager> AddAsync(TimeProvider? time = null)
    {
        string directory = Directory.CreateTempSubdirectory("cluster-manager-").FullName;
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using RpcChannel channel = Connect(null);
        global::Cluster.Api.V1.IssueNodeCertificateResponse issued = await new global::Cluster.Api.V1.CertificateAuthority.CertificateAuthorityClient(channel).IssueNodeCertificateAsync(
            new global::Cluster.Api.V1.IssueNodeCertificateRequest { CsrDer = Google.Protobuf.ByteString.CopyFrom(Csr(key)), Token = ManagerToken.Reveal() });
        int port = FreePort();
        ShownCertificate shown = new(CertificateOf(issued.CertificateChainDer[0].Span, key), issued.CertificateChainDer.Skip(1));
        NodeRecord node = Node with
        {
            Id = NodeId.Parse(issued.NodeId),
            Certificate = new NodeCertificate([], [.. issued.CertificateChainDer[0].Span], NodeRole.Manager),
        };
        ManagerRoleOptions options = _options with
        {
            NodeId = node.Id,
            RaftMemberId = (ulong)RandomNumberGenerator.GetInt32(100, int.MaxValue),
            DataKey = [.. RandomNumberGenerator.GetBytes(32)],
            ListenAddress = new IPEndPoint(IPAddress.Loopback, port),
            AdvertiseAddress = $"127.0.0.1:{port}",
            TimeProvider = time ?? _options.TimeProvider,
            Trust = new ClusterTrust(_options.Trust.Roots, Cluster.Id, time ?? _options.TimeProvider),
            ServerCertificate = () => shown.Context,
            LogDirectory = Path.Combine(directory, "raft"),
            Foundation = null,
            JoinThrough = [_options.AdvertiseAddress],
        };
        RunningManager manager = new(directory, key, shown, options, Cluster, node);
        manager.Role = await ManagerRole.StartAsync(options, CancellationToken.None);
        return manager;
    }

    /// <summary>Gets and shows its next certificate, as a node does that hears of other roots.</summary>
    public async Task<global::Cluster.Api.V1.IssueNodeCertificateResponse> RenewAsync()
    {
        await using RpcChannel channel = Connect(ManagerCertificate);
        global::Cluster.Api.V1.IssueNodeCertificateResponse issued = await new global::Cluster.Api.V1.CertificateAuthority.CertificateAuthorityClient(channel)
            .IssueNodeCertificateAsync(new global::Cluster.Api.V1.IssueNodeCertificateRequest { CsrDer = Google.Protobuf.ByteString.CopyFrom(Csr(_key)) });
        _shown.Change(CertificateOf(issued.CertificateChainDer[0].Span, _key), issued.CertificateChainDer.Skip(1));
        return issued;
    }

    /// <summary>The certificate that the manager shows now.</summary>
    public SslStreamCertificateContext Shown => _shown.Context;

    /// <summary>Stops the role without its directory; <see cref="RestartAsync"/> brings it back.</summary>
    public async Task StopAsync()
    {
        if (!_isStopped) await Role.DisposeAsync();
        _isStopped = true;
    }

    /// <summary>Stops the role and starts it again from its log.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _isStopped = false;
        Role = await ManagerRole.StartAsync(_options with { Foundation = null, JoinThrough = [] }, CancellationToken.None);
    }

    /// <summary>After <see cref="StopAsync"/>: as the only manager of a new incarnation, from its own log.</summary>
    public async Task ReviveAsync()
    {
        LogIdentity old = new(_options.LogDirectory, _options.ClusterId, _options.Incarnation, _options.RaftMemberId, _options.DataKey);
        ulong incarnation = ClusterRecovery.Revive(old, _options.NodeId, _options.AdvertiseAddress, LogDirectoryOf, TimeProvider.System.GetUtcNow());
        _options = _options with { Incarnation = incarnation, LogDirectory = LogDirectoryOf(incarnation) };
        await RestartAsync();
    }

    /// <summary>Another machine that becomes the only manager of the cluster that the backup is of.</summary>
    public async Task<RunningManager> RestoreAsync(byte[] backup)
    {
        string directory = Directory.CreateTempSubdirectory("cluster-manager-").FullName;
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        int port = FreePort();
        string address = $"127.0.0.1:{port}";
        using MemoryStream content = new(backup);
        var result = await ClusterRecovery.RestoreAsync(
            content, Csr(key), "restored", raftMemberId: 77, address, _options.DataKey, incarnation => Path.Combine(directory, $"raft-{incarnation}"), new SystemIds(), TimeProvider.System, CancellationToken.None);
        if (result.Refusal is { } refusal)
        {
            Directory.Delete(directory, recursive: true);
            throw new InvalidOperationException(refusal.Message);
        }

        (ClusterRecord cluster, NodeRecord node, ulong incarnation) = result.Value;
        ShownCertificate shown = new(CertificateOf(node.Certificate.CertificateDer.AsSpan(), key), []);
        ManagerRoleOptions options = _options with
        {
            NodeId = node.Id,
            RaftMemberId = 77,
            Incarnation = incarnation,
            ListenAddress = new IPEndPoint(IPAddress.Loopback, port),
            AdvertiseAddress = address,
            ServerCertificate = () => shown.Context,
            LogDirectory = Path.Combine(directory, $"raft-{incarnation}"),
            Foundation = null,
        };
        RunningManager manager = new(directory, key, shown, options, cluster, node);
        manager.Role = await ManagerRole.StartAsync(options, CancellationToken.None);
        return manager;
    }

    /// <summary>The certificate of a worker that has joined by this manager.</summary>
    public async Task<X509Certificate2> JoinWorkerAsync(ECDsa key)
    {
        await using RpcChannel channel = Connect(null);
        global::Cluster.Api.V1.IssueNodeCertificateResponse issued = await new global::Cluster.Api.V1.CertificateAuthority.CertificateAuthorityClient(channel).IssueNodeCertificateAsync(
            new global::Cluster.Api.V1.IssueNodeCertificateRequest { CsrDer = Google.Protobuf.ByteString.CopyFrom(Csr(key)), Token = WorkerToken.Reveal() });
        return CertificateOf(issued.CertificateChainDer[0].Span, key);
    }

    /// <summary>Asks to take part in the consensus, as a member that says who it is.</summary>
    public async Task<global::Cluster.Api.V1.StreamAnswer> AskAsPeerAsync(X509Certificate2 certificate)
    {
        await using RawPeer peer = await RawPeer.OpenAsync(Address.Port, SslStreamCertificateContext.Create(certificate, null, offline: true));
        return await peer.AskAsync(new global::Cluster.Api.V1.PeerHeader
        {
            ProtocolVersion = PeerHeaders.ProtocolVersion,
            ClusterId = Cluster.Id.ToString(),
            Incarnation = 1,
            From = 5,
            To = RaftMemberId,
            Address = "127.0.0.1:9",
        });
    }

    /// <summary>A person's certificate with its key.</summary>
    public async Task<X509Certificate2> IssueUserAsync(string name, global::Cluster.Api.V1.UserRole role, TimeSpan lifetime = default)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using RpcChannel channel = Connect(ManagerCertificate);
        global::Cluster.Api.V1.IssueUserCertificateResponse issued = await new global::Cluster.Api.V1.Control.ControlClient(channel).IssueUserCertificateAsync(
            new global::Cluster.Api.V1.IssueUserCertificateRequest { CsrDer = Google.Protobuf.ByteString.CopyFrom(Csr(key)), Name = name, Role = role, LifetimeTicks = lifetime.Ticks });
        return CertificateOf(issued.CertificateDer.Span, key);
    }

    public async Task CreateServiceAsync(string name, string requestId)
    {
        await using RpcChannel channel = Connect(ManagerCertificate);
        await new global::Cluster.Api.V1.Control.ControlClient(channel).CreateServiceAsync(new global::Cluster.Api.V1.CreateServiceRequest
        {
            RequestId = requestId,
            Spec = new global::Cluster.Api.V1.ServiceSpec { Name = name, Container = new global::Cluster.Api.V1.ContainerSpec { Image = "lab/web:1" }, Replicas = 0 },
        });
    }

    public async Task<string[]> ServiceNamesAsync()
    {
        await using RpcChannel channel = Connect(ManagerCertificate);
        return [.. (await new global::Cluster.Api.V1.Control.ControlClient(channel).ListServicesAsync(new global::Cluster.Api.V1.ListServicesRequest())).Services.Select(service => service.Spec.Name)];
    }

    public async Task<IReadOnlyList<global::Cluster.Api.V1.Node>> NodesAsync()
    {
        await using RpcChannel channel = Connect(ManagerCertificate);
        return (await new global::Cluster.Api.V1.Control.ControlClient(channel).ListNodesAsync(new global::Cluster.Api.V1.ListNodesRequest())).Nodes;
    }

    /// <summary>A channel with this client certificate, or none; believes the cluster's managers.</summary>
    public RpcChannel Connect(X509Certificate2? certificate) => Connect(certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true), _options.Trust);

    /// <summary>A channel of somebody who believes what the trust says.</summary>
    public RpcChannel Connect(SslStreamCertificateContext? certificate, ClusterTrust trust) => new(new RpcChannelOptions
    {
        Address = Address,
        Tls = new RpcClientTls { Certificate = () => certificate, ValidateServer = (_, server, chain, _) => trust.IsManager(server, chain) },
    });

    private string LogDirectoryOf(ulong incarnation) => Path.Combine(_directory, $"raft-{incarnation}");

    /// <summary>The address is in the foundation, so it must be known before the port is opened.</summary>
    private static int FreePort()
    {
        using System.Net.Sockets.TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public static byte[] Csr(ECDsa key) => new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256).CreateSigningRequest();

    public static X509Certificate2 CertificateOf(ReadOnlySpan<byte> der, ECDsa key)
    {
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(der);
        return bare.CopyWithPrivateKey(key);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
