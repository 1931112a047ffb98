using System.Net;
using System.Net.Http.Headers;
using Cluster.Rpc.Wire;
using Grpc.Core;

namespace Cluster.Rpc.Client;

/// <summary>
/// One call: its request, its deadline and how it ended. Reader, writer, deadline, cancellation and disposal come from different threads;
/// whichever ends the call first decides its status, once and for all.
/// </summary>
internal sealed class HttpCall(RpcChannel channel, IMethod method, CallOptions options) : ICallState
{
    private static readonly TimeSpan DeadlineTolerance = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private readonly Lock _gate = new();
    private CancellationTokenSource _cancellation = null!;
    private CancellationTokenRegistration _callerRegistration;
    private CancellationTokenRegistration _channelRegistration;
    private StreamingContent? _requestStream;
    private TaskCompletionSource? _ended;
    private HttpResponseMessage? _received;
    private CallEnd? _end;
    private int _cancelReason;

    public RpcChannelOptions ChannelOptions => channel.Options;

    public CallOptions Options => options;

    public MethodType Type => method.Type;

    /// <summary>Cancelled when the call ends before its time. Valid after <see cref="Start"/>.</summary>
    public CancellationToken CancellationToken { get; private set; }

    public Task<HttpResponseMessage> Response { get; private set; } = null!;

    public CallEnd? End => Volatile.Read(ref _end);

    /// <summary>Completes when the call has ended; only for calls with a request stream.</summary>
    public Task Ended => _ended!.Task;

    public Task<Metadata> ResponseHeadersAsync => ReadHeadersAsync();

    public void Start(HttpContent content)
    {
        _requestStream = content as StreamingContent;
        if (_requestStream is not null) _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Uri uri = channel.UriOf(method.FullName);
        TimeSpan? left = options.Deadline is { } deadline && deadline != DateTime.MaxValue ? TimeLeft(deadline) : null;
        _cancellation = left > TimeSpan.Zero && left < LongestTimer
            ? new CancellationTokenSource(left.Value, ChannelOptions.TimeProvider)
            : new CancellationTokenSource();
        CancellationToken = _cancellation.Token;
        if (left <= TimeSpan.Zero)
        {
            RefuseStart(new Status(StatusCode.DeadlineExceeded, "The deadline had passed before the call began."), content);
            return;
        }
        if (options.CancellationToken.IsCancellationRequested)
        {
            RefuseStart(new Status(StatusCode.Cancelled, "The call was cancelled before it began."), content);
            return;
        }
        Response = channel.SendAsync(CreateRequest(uri, content, left), CancellationToken);
        _channelRegistration = channel.Closing.UnsafeRegister(static call => ((HttpCall)call!).Cancel(CancelReason.ChannelClosed), this);
        _callerRegistration = options.CancellationToken.UnsafeRegister(static call => ((HttpCall)call!).Cancel(CancelReason.Caller), this);
        if (_requestStream is not null) _ = WatchOpeningAsync(); // handles every failure itself and ends with the response
        if (End is not null) Unregister(); // ended while this method ran
    }

    public void Cancel(CancelReason reason)
    {
        Interlocked.CompareExchange(ref _cancelReason, (int)reason, (int)CancelReason.None);
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // ended meanwhile
        }
    }

    /// <summary>Ends the call after a failure and gives what to throw: this failure, or what the call ended with before.</summary>
    public RpcException Fail(Exception exception)
    {
        if (exception is RpcException rpc) return EndWith(rpc.Status, rpc.Trailers, rpc);
        Status status = (CancelReason)Volatile.Read(ref _cancelReason) switch
        {
            CancelReason.Caller => new Status(StatusCode.Cancelled, "The call was cancelled.", exception),
            CancelReason.Disposed => new Status(StatusCode.Cancelled, "The call was disposed.", exception),
            CancelReason.ChannelClosed => new Status(StatusCode.Cancelled, "The channel was closed.", exception),
            // By the token and not by the clock: a timer may fire a little early.
            CancelReason.None when CancellationToken.IsCancellationRequested => new Status(StatusCode.DeadlineExceeded, "The deadline has passed.", exception),
            _ => CallFailure.Classify(exception, ChannelOptions.Address, IsDeadlineNear()),
        };
        return EndWith(status, Metadata.Empty, failure: null);
    }

    /// <summary>Ends the call with the status that the server sent, in trailers or in the headers of an answer without body.</summary>
    public void Conclude(HttpResponseHeaders headers)
    {
        var trailers = new Metadata();
        string? code = null;
        string message = "";
        foreach ((string key, HeaderStringValues values) in headers.NonValidated)
        {
            if (key.Equals(WireHeaders.Status, StringComparison.OrdinalIgnoreCase)) code = values.ToString();
            else if (key.Equals(WireHeaders.Message, StringComparison.OrdinalIgnoreCase)) message = StatusMessageCodec.Decode(values.ToString());
            else foreach (string value in values) MetadataCodec.Decode(trailers, key, value);
        }
        Status status = int.TryParse(code, out int number)
            ? new Status(StatusMapping.FromWire(number), message)
            : new Status(StatusCode.Unknown, "The server ended the call without a status.");
        EndWith(status, trailers, failure: null);
    }

    /// <summary>Notes the response so that the end of the call disposes it.</summary>
    public void Receive(HttpResponseMessage response)
    {
        lock (_gate)
        {
            _received = response;
            if (_end is null) return;
        }
        response.Dispose();
    }

    public Status GetStatus() => End?.Status ?? throw new InvalidOperationException("The call has not ended yet.");

    public Metadata GetTrailers() => End?.Trailers ?? throw new InvalidOperationException("The call has not ended yet.");

    public void Dispose()
    {
        if (End is not null) return;
        Cancel(CancelReason.Disposed);
        EndWith(new Status(StatusCode.Cancelled, "The call was disposed."), Metadata.Empty, failure: null);
    }

    private HttpRequestMessage CreateRequest(Uri uri, HttpContent content, TimeSpan? timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        HttpRequestHeaders headers = request.Headers;
        headers.TryAddWithoutValidation(WireHeaders.Te, WireHeaders.Trailers);
        headers.TryAddWithoutValidation(WireHeaders.UserAgent, WireHeaders.UserAgentValue);
        headers.TryAddWithoutValidation(WireHeaders.AcceptEncoding, WireHeaders.AcceptedEncodings);
        if (ChannelOptions.CompressRequests) headers.TryAddWithoutValidation(WireHeaders.Encoding, WireHeaders.Gzip);
        if (timeout is { } left) headers.TryAddWithoutValidation(WireHeaders.Timeout, TimeoutCodec.Format(left));
        AddMetadata(headers, ChannelOptions.DefaultMetadata, except: options.Headers);
        AddMetadata(headers, options.Headers, except: null);
        return request;
    }

    private static void AddMetadata(HttpRequestHeaders headers, Metadata? metadata, Metadata? except)
    {
        if (metadata is null) return;
        foreach (Metadata.Entry entry in metadata)
            if (!MetadataCodec.IsReserved(entry.Key) && except?.Get(entry.Key) is null)
                headers.TryAddWithoutValidation(entry.Key, MetadataCodec.Encode(entry));
    }

    private void RefuseStart(Status status, HttpContent content)
    {
        RpcException failure = EndWith(status, Metadata.Empty, failure: null);
        Response = Task.FromException<HttpResponseMessage>(failure);
        _ = Response.Exception;
        (content as StreamingContent)?.Fail(failure);
        content.Dispose();
    }

    /// <summary>A writer waits for its stream: tell it when there will be none.</summary>
    private async Task WatchOpeningAsync()
    {
        try
        {
            await Response;
        }
        catch (Exception e)
        {
            _requestStream!.Fail(Fail(e));
        }
    }

    private async Task<Metadata> ReadHeadersAsync()
    {
        try
        {
            HttpResponseMessage response = await Response;
            var metadata = new Metadata();
            if (response.Headers.NonValidated.Contains(WireHeaders.Status)) return metadata; // those are the trailers
            foreach ((string key, HeaderStringValues values) in response.Headers.NonValidated)
                foreach (string value in values) MetadataCodec.Decode(metadata, key, value);
            return metadata;
        }
        catch (Exception e)
        {
            throw Fail(e);
        }
    }

    /// <summary>Ends the call if it has not ended, and gives the failure to report either way.</summary>
    private RpcException EndWith(Status status, Metadata trailers, RpcException? failure)
    {
        HttpResponseMessage? response;
        lock (_gate)
        {
            if (_end is not null) return _end.Failure ?? new RpcException(_end.Status, _end.Trailers);
            if (status.StatusCode != StatusCode.OK) failure ??= new RpcException(status, trailers);
            Volatile.Write(ref _end, new CallEnd(status, trailers, failure));
            response = _received;
        }
        Unregister();
        if (failure is not null) Cancel(CancelReason.Ended); // resets the stream if it is still open
        response?.Dispose(); // after success too: the response stream has a finalizer
        _cancellation.Dispose(); // stops the deadline's timer
        _requestStream?.Complete();
        _ended?.TrySetResult();
        return failure ?? new RpcException(status, trailers);
    }

    private void Unregister()
    {
        // Unregister and not Dispose: that would wait for a callback which may be waiting for this.
        _callerRegistration.Unregister();
        _channelRegistration.Unregister();
    }

    private TimeSpan TimeLeft(DateTime deadline) => deadline.ToUniversalTime() - ChannelOptions.TimeProvider.GetUtcNow().UtcDateTime;

    private bool IsDeadlineNear() => options.Deadline is { } deadline && TimeLeft(deadline) <= DeadlineTolerance;
}
