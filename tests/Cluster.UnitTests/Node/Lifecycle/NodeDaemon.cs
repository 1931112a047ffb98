using System.Buffers.Binary;
using Cluster.Api.V1;
using Cluster.Node;
using Cluster.Rpc;
using Cluster.UnitTests.Manager.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>A daemon without containers in a directory of its own: started, asked on its local socket, stopped, started again.</summary>
internal sealed class NodeDaemon : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("node-").FullName;
    private ManagerOnlyRoles _roles = new();
    private CancellationTokenSource _stopping = null!;
    private RpcChannel? _channel;
    private Task _running = Task.CompletedTask;

    private string _listen = "";
    private bool _isMoved;

    /// <summary>As others reach it.</summary>
    public string Address { get; private set; } = "";

    public string State => Path.Combine(_directory, "state");

    public IdleAgent Agent => _roles.Agent!;

    public LocalNode.LocalNodeClient Node => new(_channel!);

    public Cluster.Api.V1.Control.ControlClient Control => new(_channel!);

    /// <summary>Of the unlock key that seals the key store; null: a key beside it does.</summary>
    public ulong? SealGeneration
    {
        get
        {
            byte[] file = File.ReadAllBytes(Path.Combine(State, "node", "keys"));
            return file[5] == 2 ? BinaryPrimitives.ReadUInt64BigEndian(file.AsSpan(6)) : null;
        }
    }

    public bool HasOwnKey => File.Exists(Path.Combine(State, "node", "key-encryption-key"));

    /// <param name="host">Of its address.</param>
    public static async Task<NodeDaemon> StartAsync(string host = "127.0.0.1")
    {
        NodeDaemon daemon = new();
        daemon.Take(host);
        await daemon.RestartAsync();
        return daemon;
    }

    /// <summary>Stops; the next start is at another address, which it is told with clusterd's options.</summary>
    public async Task MoveAsync(string host)
    {
        await StopAsync();
        Take(host);
        _isMoved = true;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        (_stopping, _roles) = (new CancellationTokenSource(), new ManagerOnlyRoles());
        NodeOptions options = new() { StateDirectory = State, RunDirectory = Path.Combine(_directory, "run"), Version = "1", ContainerNamespace = "none" };
        if (_isMoved) options = options with { AdvertiseAddress = Address, ListenAddress = _listen };
        _isMoved = false;
        NodeHost host = new(options, _roles, [], new Random(1), TimeProvider.System, NullLoggerFactory.Instance);
        _running = host.RunAsync(_stopping.Token);
        _channel = new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Unix(options.LocalSocketPath) });
        await UntilAsync(() => Task.FromResult(File.Exists(options.LocalSocketPath)));
        await UntilAsync(async () => (await StateAsync()) != LocalNodeState.Starting);
    }

    public async Task StopAsync()
    {
        if (_channel is null) return;
        await _channel.DisposeAsync();
        _channel = null;
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    public Task<InitResponse> InitAsync(bool autolock = false) =>
        Node.InitAsync(new InitRequest { AdvertiseAddress = Address, ListenAddress = _listen, Spec = new ClusterSpec { Autolock = autolock } }).ResponseAsync;

    public async Task JoinAsync(string token, string manager) =>
        await Node.JoinAsync(new JoinRequest { Token = token, Managers = { manager }, AdvertiseAddress = Address, ListenAddress = _listen });

    public async Task<LocalNodeState> StateAsync() => (await Node.GetStatusAsync(new GetNodeStatusRequest())).State;

    public async Task UnlockAsync(string key) => await Node.UnlockAsync(new UnlockRequest { UnlockKey = key });

    public async Task<string> UnlockKeyAsync() => (await Control.GetUnlockKeyAsync(new GetUnlockKeyRequest())).UnlockKey;

    /// <summary>As after a start, when nobody leads yet.</summary>
    public async Task SetAutolockAsync(bool on)
    {
        ClusterInfo cluster = (await Control.GetClusterAsync(new GetClusterRequest())).Cluster;
        cluster.Spec.Autolock = on;
        await Control.UpdateClusterAsync(new UpdateClusterRequest { RequestId = NextRequest(), Version = cluster.Meta.Version, Spec = cluster.Spec });
    }

    public async Task<string> RotateUnlockKeyAsync() => (await Control.RotateUnlockKeyAsync(new RotateUnlockKeyRequest { RequestId = NextRequest() })).UnlockKey;

    public async Task CreateServiceAsync(string name, string label) => await Control.CreateServiceAsync(new CreateServiceRequest
    {
        RequestId = NextRequest(),
        Spec = new ServiceSpec { Name = name, Labels = { ["marker"] = label }, Container = new ContainerSpec { Image = "lab/web:1" }, Replicas = 0 },
    });

    public async Task<string[]> ServicesAsync() => [.. (await Control.ListServicesAsync(new ListServicesRequest())).Services.Select(service => service.Spec.Name)];

    /// <summary>Everything on the node's disk; the file that a running storage locks is empty, and others of it may go while we look.</summary>
    public IReadOnlyList<(string Path, byte[] Content)> Disk()
    {
        List<(string Path, byte[] Content)> files = [];
        foreach (string path in Directory.GetFiles(State, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock"))
        {
            try
            {
                files.Add((path, File.ReadAllBytes(path)));
            }
            catch (FileNotFoundException)
            {
                // It has gone.
            }
        }

        return files;
    }

    public static string NextRequest() => Cluster.Model.Ids.Base36.Format(new Cluster.Manager.Hosting.SystemIds().Next());

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!await holds()) await Task.Delay(Poll, TimeProvider.System, patience.Token);
    }

    public static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private void Take(string host)
    {
        int port = PeerPorts.Free();
        (Address, _listen) = ($"{host}:{port}", $"127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
