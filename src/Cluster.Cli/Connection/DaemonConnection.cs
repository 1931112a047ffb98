using System.Net.Sockets;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Contexts;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;

namespace Cluster.Cli.Connection;

/// <summary>
/// The services of the daemon on this machine. A read that finds the daemon unavailable fails at once; a change is tried again with
/// the same request id, so that it happens once.
/// </summary>
internal sealed class DaemonConnection : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(20);

    private readonly CliContext _context;
    private readonly string? _socket;
    private readonly string _contextName;
    private readonly Lazy<RpcChannel> _channel;
    private volatile string? _distrust;

    /// <summary>The daemon of this machine.</summary>
    public DaemonConnection(CliContext context, string socket)
        : this(context, ContextStore.Default, socket, _ => new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Unix(socket), TimeProvider = context.Time }))
    {
    }

    /// <summary>The first manager of a context that takes a connection; looked for when it is needed.</summary>
    public DaemonConnection(CliContext context, string name, Func<IdentityBundle> identity)
        : this(context, name, socket: null, daemon => daemon.Connect(context, identity()))
    {
    }

    private DaemonConnection(CliContext context, string name, string? socket, Func<DaemonConnection, RpcChannel> open) =>
        (_context, _contextName, _socket, _channel) = (context, name, socket, new Lazy<RpcChannel>(() => open(this)));

    /// <summary>Not of this machine: what is only about a machine itself cannot be asked.</summary>
    public bool IsRemote => _socket is null;

    public Control.ControlClient Control => new(_channel.Value);

    public LocalNode.LocalNodeClient Node => IsRemote ? throw OnlyHere() : new LocalNode.LocalNodeClient(_channel.Value);

    public Api.V1.Images.ImagesClient Images => IsRemote ? throw OnlyHere() : new Api.V1.Images.ImagesClient(_channel.Value);

    public Logs.LogsClient Logs => new(_channel.Value);

    public Watch.WatchClient Watch => new(_channel.Value);

    public Managers.ManagersClient Managers => new(_channel.Value);

    /// <summary>For calls that are over soon.</summary>
    public CallOptions Soon(CancellationToken ct) => new(deadline: _context.Time.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: ct);

    public DateTime Within(TimeSpan patience) => _context.Time.GetUtcNow().UtcDateTime + patience;

    /// <summary>A call that changes nothing, or that cannot be repeated.</summary>
    public async Task<T> CallAsync<T>(Func<AsyncUnaryCall<T>> call)
    {
        try
        {
            using AsyncUnaryCall<T> pending = call();
            return await pending;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && WhyNobodyListens() is { } reason)
        {
            throw new CliException(reason);
        }
    }

    /// <summary>A change, with a request id that all attempts share.</summary>
    public async Task<T> ChangeAsync<T>(Func<string, AsyncUnaryCall<T>> call, CancellationToken ct)
    {
        string requestId = new RequestId(_context.Ids.Next()).ToString();
        long started = _context.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await CallAsync(() => call(requestId));
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && _context.Time.GetElapsedTime(started) < RetryFor)
            {
                await Task.Delay(RetryDelay, _context.Time, ct);
            }
        }
    }

    /// <summary>For streams, whose failure shows only later: why nobody answered.</summary>
    public CliException Explain(RpcException e) => new(WhyNobodyListens() ?? RpcErrorText.Of(e));

    public void Dispose()
    {
        if (_channel.IsValueCreated) _channel.Value.Dispose();
    }

    private CliException OnlyHere() => new($"this command is for the machine that it runs on, and context {_contextName} is a cluster elsewhere: use --context {ContextStore.Default}");

    private RpcChannel Connect(CliContext context, IdentityBundle identity) => new(new RpcChannelOptions
    {
        Address = FirstReachable(identity.Managers),
        Tls = identity.ToTls(context.Time, reason => _distrust = reason),
        TimeProvider = context.Time,
    });

    private static RpcAddress FirstReachable(IReadOnlyList<string> managers)
    {
        foreach (string manager in managers)
        {
            RpcAddress address = RpcAddress.Parse(manager);
            try
            {
                using Socket probe = new(SocketType.Stream, ProtocolType.Tcp);
                IAsyncResult connecting = probe.BeginConnect(address.Host, address.Port, null, null);
                if (connecting.AsyncWaitHandle.WaitOne(ProbeTimeout) && probe.Connected) return address;
            }
            catch (SocketException)
            {
                // The next one.
            }
        }

        throw new CliException($"no manager of the context answers ({string.Join(", ", managers)}): is the network up, and port 2377/tcp open?");
    }

    private string? WhyNobodyListens()
    {
        if (_distrust is { } reason)
        {
            return $"the manager that answered is not believed: {reason}. If the cluster's root was exchanged, context {_contextName} needs a new identity: 'cluster cert issue' on a manager, "
                + "then 'cluster context rm' and 'cluster context create' here";
        }

        if (_socket is null) return null;
        try
        {
            using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(_socket));
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            return $"permission denied at {_socket}: the daemon's socket is for root; use sudo";
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return $"clusterd is not running on this machine: nobody listens at {_socket}; start it with 'systemctl start clusterd', or name another socket with --socket";
        }
    }
}
