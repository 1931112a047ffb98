using System.Net;
using System.Net.Security;
using System.Text;
using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Manager.Peers;
using Cluster.Manager.Security;
using Cluster.Model.Ids;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Rpc.Server;
using Cluster.Store;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>
/// One member of a <see cref="PeerGroup"/> as a manager runs it, but for the state: that is a list of texts. Its directory and its certificate
/// outlive its starts.
/// </summary>
internal sealed class PeerMember(PeerGroup group, ulong id, string directory, SslStreamCertificateContext certificate)
{
    private readonly List<string> _state = [];
    private CancellationTokenSource? _stopping;
    private Task _running = Task.CompletedTask;
    private IRaftStorage? _storage;
    private RpcServer? _server;
    private SnapshotReceiver? _receiver;
    private ulong _appliedIndex;

    public MemberId Id => new(id);

    public NodeId Node => NodeOf(id);

    public SslStreamCertificateContext Certificate => certificate;

    public int Port { get; private set; }

    /// <summary>What the others are told.</summary>
    public string Address { get; private set; } = "";

    public RaftHost Raft { get; private set; } = null!;

    public PeerTransport Transport { get; private set; } = null!;

    public PeerBook Book { get; private set; } = null!;

    public bool IsRunning => _stopping is not null;

    /// <summary>Where leadership stood last; guarded by the group's lock, as is what follows.</summary>
    public RaftProgress? Last { get; private set; }

    public int Restores { get; private set; }

    public IReadOnlyList<string> State => _state;

    public bool Leads => IsRunning && Last is { Role: RaftRole.Leader, LeaderIsEstablished: true };

    public static NodeId NodeOf(ulong id) => new(1000 + id);

    /// <summary>Starts from what is in the directory; a founder makes a group of its own when that is empty.</summary>
    /// <param name="isFounder">Whether to begin a group.</param>
    /// <param name="incarnation">Of the cluster.</param>
    /// <param name="port">The one of before, or a free one, when null.</param>
    /// <param name="advertise">What the others are told; the port's address when null.</param>
    public async Task StartAsync(bool isFounder = false, ulong incarnation = 1, int? port = null, string? advertise = null)
    {
        Port = port ?? (Port == 0 ? PeerPorts.Free() : Port);
        Address = advertise ?? $"127.0.0.1:{Port}";
        _storage = FileRaftStorage.Open(directory, new StorageIdentity(group.Authority.ClusterId.Value, 1, Id), group.Key, new FileRaftStorageOptions { SegmentBytes = 1 << 20 });
        RecoveredLog recovered = _storage.Recovered;
        if (isFounder && recovered.IsEmpty) recovered = RaftBootstrap.Initialize(_storage, Membership.OfVoters(Id));
        group.Change(() =>
        {
            _state.Clear();
            Last = null;
            if (recovered.Snapshot is { } snapshot) Load(_storage.OpenSnapshot(snapshot));
        });

        PeerOptions options = new()
        {
            ClusterId = group.Authority.ClusterId,
            Incarnation = incarnation,
            Self = Id,
            AdvertiseAddress = Address,
            Trust = group.Authority.Trust,
            Certificate = () => certificate,
            Random = new Random((int)id),
        };
        Book = new PeerBook(new PeerBookFile(directory, options, group.Log.CreateLogger<PeerBookFile>()));
        Transport = new PeerTransport(options, Book, _storage, group.Log);
        Raft = new RaftHost(Id, new RaftOptions { TrailingEntries = 0 }, _storage, recovered, new Random((int)id), Transport, TimeProvider.System, Take);
        Transport.Attach(Raft);
        Authorizer authorizer = new(group.Authority.Trust, default, () => StoreSnapshot.Empty, () => true);
        PeerAdmission admission = new(options, Book, Raft, authorizer);
        _receiver = new SnapshotReceiver(admission, _storage, Raft, group.Log.CreateLogger<SnapshotReceiver>());
        _server = new RpcServer(new RpcServerOptions
        {
            Endpoints =
            [
                RpcEndpoint.Tcp(new IPEndPoint(IPAddress.Loopback, Port), new RpcServerTls
                {
                    Certificate = () => certificate,
                    ClientCertificate = RpcClientCertificateMode.Optional,
                    ValidateClient = static (_, _, _, _) => true,
                }),
            ],
            Services = [RaftPeers.BindService(new PeerService(_receiver))],
            Protocols = [new PeerStreamService(admission, Raft, TimeProvider.System).Protocol],
            Authorize = authorizer.Authorize,
            StopGrace = TimeSpan.Zero,
        });
        _stopping = new CancellationTokenSource();
        await _server.StartAsync(CancellationToken.None);
        _running = Raft.RunAsync(_stopping.Token);
        if (isFounder) await Raft.CampaignAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_stopping is null) return;
        await _server!.DisposeAsync();
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }

        await Transport.DisposeAsync();
        _receiver!.Dispose();
        _storage!.Dispose();
        _stopping.Dispose();
        group.Change(() => _stopping = null);
    }

    /// <summary>Proposes and waits until it is applied here; false when this member lost leadership first.</summary>
    public async Task<bool> TryWriteAsync(IReadOnlyList<string> texts)
    {
        ulong term = group.Read(() => Last!.Term);
        bool dropped = false;
        await Raft.ProposeAsync(term, [.. texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))], () => group.Change(() => dropped = true), CancellationToken.None);
        bool written = false;
        await group.WhenAsync(() => (written = _state.Contains(texts[^1])) || dropped || !Leads || Last!.Term != term);
        return written;
    }

    /// <summary>Saves the state, after which the log before it is gone.</summary>
    public async Task SaveSnapshotAsync()
    {
        (ulong index, byte[] content) = group.Read(() => (_appliedIndex, Encoding.UTF8.GetBytes(string.Join('\n', _state))));
        await Raft.SaveSnapshotAsync(index, stream => stream.Write(content), CancellationToken.None);
    }

    /// <summary>What the link to another member says is wrong.</summary>
    public string? ProblemWith(PeerMember other) => Transport.Describe().SingleOrDefault(status => status.Member == other.Id)?.Problem;

    private void Take(RaftProgress progress) => group.Change(() =>
    {
        if (progress.Restore is { } restore)
        {
            _state.Clear();
            Load(restore.Content);
            _appliedIndex = restore.Metadata.Index;
            Restores++;
        }

        foreach (LogEntry entry in progress.Committed)
        {
            if (entry.Kind == EntryKind.Data) _state.Add(Encoding.UTF8.GetString(entry.Data.Span));
            _appliedIndex = entry.Index;
        }

        Last = progress with { Restore = null, Committed = [] };
    });

    private void Load(Stream content)
    {
        using StreamReader reader = new(content);
        _state.AddRange(reader.ReadToEnd().Split('\n'));
    }
}
