using System.Net;
using System.Net.Sockets;
using Cluster.Rpc.Server.Calls;
using Cluster.Rpc.Server.Listening;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Rpc.Server;

/// <summary>
/// A gRPC server on Kestrel. Several can run in one process: it takes no signals, reads no configuration and logs nothing unless told to.
/// Starts once and stops once.
/// </summary>
public sealed class RpcServer : IAsyncDisposable
{
    // As on the client: the defaults throttle streams.
    private const int InitialStreamWindowBytes = 1 << 20;
    private const int InitialConnectionWindowBytes = 4 << 20;

    private static readonly TimeSpan IdleConnectionTimeout = TimeSpan.FromMinutes(10);

    private readonly RpcServerOptions _options;
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ListenOptions> _listeners = [];
    private readonly OpenCalls _open;

    public RpcServer(RpcServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Endpoints.Count == 0) throw new ArgumentException("A server needs at least one endpoint.", nameof(options));
        _options = options;
        _open = new OpenCalls(options);
        var dispatcher = new RpcDispatcher(options, _open, _stopping.Token);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.LoggerFactory ?? NullLoggerFactory.Instance);
        builder.Services.AddSingleton<IHostLifetime, UnattendedLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.StopGrace);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.CreateBoundListenSocket = Bind;

            // What a socket brings is taken on by the thread that has received it: each handing on to another costs a small call more than the call.
            sockets.UnsafePreferInlineScheduling = true;
        });
        builder.WebHost.ConfigureKestrel(Configure);
        _application = builder.Build();
        _application.Run(dispatcher.HandleAsync);
    }

    /// <summary>Where the server listens, in the order of the options, with the ports that were taken. Valid once started.</summary>
    public IReadOnlyList<RpcAddress> Addresses { get; private set; } = [];

    /// <summary>The port of the first TCP endpoint. Valid once started.</summary>
    public int Port => Addresses.First(address => address.UnixPath is null).Port;

    /// <summary>Completes when the server listens; for those who left the start to <see cref="RunAsync"/>. Never completes if it fails to start.</summary>
    public Task Started => _started.Task;

    /// <exception cref="IOException">An address is in use or cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _application.StartAsync(cancellationToken);
        Addresses = [.. _listeners.Select(AddressOf)];
        _started.TrySetResult();
    }

    /// <summary>
    /// Takes no more calls, lets the active ones end within <see cref="RpcServerOptions.StopGrace"/>, or until the token is cancelled, then cuts
    /// them off. Their callers get Unavailable.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _application.StopAsync(cancellationToken);
    }

    /// <summary>
    /// Asks <see cref="RpcServerOptions.Authorize"/> again about every call and connection that goes on, and ends those that it refuses now. To be
    /// called when what it decides by has changed; what begins meanwhile is judged by the new state or judged again here. Any thread.
    /// </summary>
    public void JudgeAgain() => _open.JudgeAgain();

    /// <summary>Serves until the token is cancelled, then stops.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), cancelled)) await cancelled.Task;
        await StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.DisposeAsync();
    }

    private static RpcAddress AddressOf(ListenOptions listener) =>
        listener.SocketPath is { } path ? RpcAddress.Unix(path) : RpcAddress.Tcp(listener.IPEndPoint!.Address.ToString(), listener.IPEndPoint.Port);

    private Socket Bind(EndPoint endPoint)
    {
        if (endPoint is not UnixDomainSocketEndPoint) return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        RpcEndpoint unix = _options.Endpoints.First(candidate => candidate.UnixPath == endPoint.ToString());
        return UnixListener.Bind(unix.UnixPath!, unix.UnixMode);
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowAlternateSchemes = true; // TLS may be below what the client takes for its transport
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = _options.MaxConnections;
        limits.KeepAliveTimeout = IdleConnectionTimeout;
        // Streams live long and may be silent. Messages have their own limit, and pings find peers that are gone.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = _options.MaxStreamsPerConnection;
        limits.Http2.InitialStreamWindowSize = InitialStreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = InitialConnectionWindowBytes;
        limits.Http2.KeepAlivePingDelay = _options.KeepAlivePingInterval;
        limits.Http2.KeepAlivePingTimeout = _options.KeepAlivePingInterval;
        foreach (RpcEndpoint endpoint in _options.Endpoints) Listen(kestrel, endpoint);
    }

    private void Listen(KestrelServerOptions kestrel, RpcEndpoint endpoint)
    {
        if (endpoint.UnixPath is not null) kestrel.ListenUnixSocket(endpoint.UnixPath, Accept);
        else kestrel.Listen(endpoint.Address!, Accept);

        void Accept(ListenOptions listener)
        {
            listener.Protocols = HttpProtocols.Http2;
            _listeners.Add(listener);
            if (endpoint.Tls is null) return;
            listener.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = TlsHandshake.CreateOptionsAsync,
                OnConnectionState = (endpoint.Tls, _options.Protocols),
                HandshakeTimeout = _options.TlsHandshakeTimeout,
            });
            if (_options.Protocols.Count > 0) listener.Use(new ProtocolSelector(_options, _open, _stopping.Token).Wrap);
        }
    }
}
