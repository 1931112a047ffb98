using System.Net.Sockets;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
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
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(20);

    private readonly CliContext _context;
    private readonly string _socket;
    private readonly RpcChannel _channel;

    public DaemonConnection(CliContext context, string socket)
    {
        _context = context;
        _socket = socket;
        _channel = new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Unix(socket), TimeProvider = context.Time });
        Control = new Control.ControlClient(_channel);
        Node = new LocalNode.LocalNodeClient(_channel);
        Images = new Api.V1.Images.ImagesClient(_channel);
        Logs = new Logs.LogsClient(_channel);
        Watch = new Watch.WatchClient(_channel);
        Managers = new Managers.ManagersClient(_channel);
    }

    public Control.ControlClient Control { get; }

    public LocalNode.LocalNodeClient Node { get; }

    public Api.V1.Images.ImagesClient Images { get; }

    public Logs.LogsClient Logs { get; }

    public Watch.WatchClient Watch { get; }

    public Managers.ManagersClient Managers { get; }

    /// <summary>For calls that are over soon.</summary>
    public CallOptions Soon(CancellationToken ct) => new(deadline: _context.Time.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: ct);

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

    public void Dispose() => _channel.Dispose();

    private string? WhyNobodyListens()
    {
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
