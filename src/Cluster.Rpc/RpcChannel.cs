using System.Collections.Concurrent;
using System.Net;
using Cluster.Rpc.Client;
using Grpc.Core;

namespace Cluster.Rpc;

/// <summary>
/// A way to one server, over connections that are opened when a call needs them and again after they fail. Safe for use by any thread.
/// Disposing it cancels the calls that are active. It does not retry: a failed connection ends its calls with Unavailable.
/// </summary>
public sealed class RpcChannel : ChannelBase, IDisposable, IAsyncDisposable
{
    // The defaults of 64 KiB throttle streams: snapshots and image layers come in messages of a megabyte.
    private const int InitialStreamWindowBytes = 1 << 20;

    private readonly HttpMessageInvoker _invoker;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, Uri> _uris = new(StringComparer.Ordinal);
    private readonly Uri _baseUri;
    private readonly HttpCallInvoker _callInvoker;
    private int _isDisposed;

    public RpcChannel(RpcChannelOptions options) : base(options.Address.ToString())
    {
        Options = options;
        _baseUri = options.Address.BaseUri;
        _invoker = new HttpMessageInvoker(CreateHandler(options), disposeHandler: true);
        _callInvoker = new HttpCallInvoker(this);
        Closing = _closing.Token;
    }

    internal RpcChannelOptions Options { get; }

    /// <summary>Cancelled when the channel is disposed.</summary>
    internal CancellationToken Closing { get; }

    public override CallInvoker CreateCallInvoker() => _callInvoker;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _closing.Cancel();
        _invoker.Dispose();
        _closing.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    internal Uri UriOf(string fullName)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return _uris.GetOrAdd(fullName, static (name, root) => new Uri(root, name), _baseUri);
    }

    private static SocketsHttpHandler CreateHandler(RpcChannelOptions options) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = options.UseMultipleConnections,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionLifetime = options.MaxConnectionAge,
        KeepAlivePingDelay = options.KeepAlivePingDelay,
        KeepAlivePingTimeout = options.KeepAlivePingTimeout,
        InitialHttp2StreamWindowSize = InitialStreamWindowBytes,
        ConnectCallback = new Connector(options.Address, options.Tls).ConnectAsync,
    };
}
