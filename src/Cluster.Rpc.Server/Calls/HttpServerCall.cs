using System.Globalization;
using Cluster.Rpc.Server.Listening;
using Cluster.Rpc.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Cluster.Rpc.Server.Calls;

/// <summary>
/// One call on the server: what its handler sees, and its end. Reading and writing messages is in the other part. The handler's task owns it;
/// only the deadline comes from another thread.
/// </summary>
internal sealed partial class HttpServerCall(HttpContext http, RpcServerOptions options, string method, CancellationToken stopToken) : ServerCallContext, IOpenCall
{
    private const int Http2InternalError = 2;
    private const int Http2Cancel = 8;

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private readonly Lock _gate = new();
    private Metadata? _requestHeaders;
    private Metadata? _trailers;
    private Dictionary<object, object>? _userState;
    private CallDeadline? _deadlineTimer;
    private DateTime _deadline = DateTime.MaxValue;
    private Status _status = Status.DefaultSuccess;
    private CancellationTokenSource? _refused;
    private Status? _refusal;
    private bool _isFinished;
    private bool _isClientGone;

    public CancellationToken StopToken => stopToken;

    public string MethodName => method;

    /// <summary>Taken at once: who judges the call again may look when its request is over.</summary>
    public RpcPeer RpcPeer { get; } = ConnectionPeer.Of(http);

    protected override string MethodCore => method;

    protected override string HostCore => http.Request.Host.Value ?? "";

    protected override string PeerCore => RpcPeer.ToString();

    protected override DateTime DeadlineCore => _deadline;

    protected override CancellationToken CancellationTokenCore => _deadlineTimer?.CancellationToken ?? _refused?.Token ?? http.RequestAborted;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadHeaders(http.Request.Headers);

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override IDictionary<object, object> UserStateCore => _userState ??= [];

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override Status StatusCore
    {
        get => _status;
        set => _status = value;
    }

    private bool HasDeadlinePassed => _deadlineTimer?.HasPassed == true;

    public async Task RunAsync(MethodHandler handler)
    {
        if (!Negotiate()) return;
        using CancellationTokenSource? refused = handler.IsStream ? CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted) : null;
        _refused = refused;
        StartDeadline();
        try
        {
            await handler.InvokeAsync(this);
            Finish(_refusal ?? (HasDeadlinePassed ? DeadlineExceeded() : Status));
        }
        catch (Exception e)
        {
            Finish(StatusOf(e));
        }
        finally
        {
            lock (_gate) _refused = null;
            if (_deadlineTimer is not null) await _deadlineTimer.DisposeAsync();
        }
    }

    /// <summary>A stream hears why; what is over soon is reset.</summary>
    public void Refuse(Status refusal)
    {
        lock (_gate)
        {
            if (_isFinished || _refusal is not null) return;
            _refusal = refusal;
            if (_refused is null) http.Features.Get<IHttpResetFeature>()?.Reset(Http2Cancel);
            else _refused.Cancel();
        }
    }

    /// <summary>Ends the call: status in the trailers, or in the headers when nothing was sent before.</summary>
    public void Finish(Status status)
    {
        lock (_gate)
        {
            if (_isFinished) return;
            _isFinished = true;
        }
        if (_isFrameBroken)
        {
            http.Features.Get<IHttpResetFeature>()?.Reset(Http2InternalError);
            return;
        }
        IHeaderDictionary? headers = ChooseTrailers();
        if (headers is null) return; // the connection is gone
        headers[WireHeaders.Status] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0) headers[WireHeaders.Message] = StatusMessageCodec.Encode(status.Detail);
        if (_trailers is not null) Append(headers, _trailers);
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (http.Response.HasStarted || _hasWritten) throw new InvalidOperationException("The response headers have been sent already.");
        Append(http.Response.Headers, responseHeaders);
        await FlushAsync(CancellationToken.None); // sends them now: the client may wait for them before it goes on
    }

    private static Metadata ReadHeaders(IHeaderDictionary headers)
    {
        var metadata = new Metadata();
        foreach ((string key, Microsoft.Extensions.Primitives.StringValues values) in headers)
            foreach (string? value in values) MetadataCodec.Decode(metadata, key, value ?? "");
        return metadata;
    }

    private static void Append(IHeaderDictionary headers, Metadata metadata)
    {
        foreach (Metadata.Entry entry in metadata)
            if (!MetadataCodec.IsReserved(entry.Key)) headers.Append(entry.Key, MetadataCodec.Encode(entry));
    }

    /// <summary>Checks the compression of the requests and chooses that of the responses; false if the call is refused.</summary>
    private bool Negotiate()
    {
        http.Response.ContentType = WireHeaders.GrpcContentType;
        string encoding = http.Request.Headers[WireHeaders.Encoding].ToString();
        _isGzipAllowed = encoding.Equals(WireHeaders.Gzip, StringComparison.OrdinalIgnoreCase);
        if (!_isGzipAllowed && encoding is not ("" or WireHeaders.Identity))
        {
            http.Response.Headers[WireHeaders.AcceptEncoding] = WireHeaders.AcceptedEncodings;
            Finish(new Status(StatusCode.Unimplemented, $"The server does not know the compression '{encoding}'; it accepts {WireHeaders.AcceptedEncodings}."));
            return false;
        }
        if (options.CompressResponses && http.Request.Headers[WireHeaders.AcceptEncoding].ToString().Contains(WireHeaders.Gzip, StringComparison.OrdinalIgnoreCase))
        {
            _useGzip = true;
            http.Response.Headers[WireHeaders.Encoding] = WireHeaders.Gzip;
        }
        return true;
    }

    private void StartDeadline()
    {
        if (!http.Request.Headers.TryGetValue(WireHeaders.Timeout, out Microsoft.Extensions.Primitives.StringValues header)) return;
        if (!TimeoutCodec.TryParse(header.ToString(), out TimeSpan timeout)) return;
        DateTime now = options.TimeProvider.GetUtcNow().UtcDateTime;
        _deadline = timeout < DateTime.MaxValue - now ? now + timeout : DateTime.MaxValue;
        if (timeout < LongestTimer) _deadlineTimer = new CallDeadline(timeout, options, ResetAfterDeadline, CancellationToken);
    }

    /// <summary>The handler ignores its token: the client must not wait for it.</summary>
    private void ResetAfterDeadline()
    {
        lock (_gate)
        {
            if (!_isFinished) http.Features.Get<IHttpResetFeature>()?.Reset(Http2Cancel);
        }
    }

    private Status StatusOf(Exception exception)
    {
        if (_refusal is { } refusal) return refusal;
        if (exception is RpcException rpc && rpc.StatusCode != StatusCode.OK)
        {
            if (!ReferenceEquals(rpc.Trailers, _trailers))
                foreach (Metadata.Entry entry in rpc.Trailers) ResponseTrailers.Add(entry);
            return HasDeadlinePassed ? DeadlineExceeded() : rpc.Status;
        }
        if (HasDeadlinePassed) return DeadlineExceeded();
        if (_isClientGone || http.RequestAborted.IsCancellationRequested) return new Status(StatusCode.Cancelled, "The call was cancelled.");
        if (exception is OperationCanceledException && stopToken.IsCancellationRequested) return new Status(StatusCode.Unavailable, "The server is stopping.");
        options.OnUnhandled?.Invoke(method, exception);
        return new Status(StatusCode.Unknown, "The server failed to handle the call; its log says why.");
    }

    private static Status DeadlineExceeded() => new(StatusCode.DeadlineExceeded, "The deadline has passed on the server.");

    private IHeaderDictionary? ChooseTrailers()
    {
        if (!http.Response.HasStarted && !_hasWritten)
        {
            http.Response.ContentType = WireHeaders.GrpcContentType;
            return http.Response.Headers;
        }
        return http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers ? trailers : null;
    }
}
