using Cluster.Rpc.Wire;
using Grpc.Core;

namespace Cluster.Rpc.Client;

/// <summary>
/// Writes the requests of one call; one writer at a time. Messages written with <see cref="WriteFlags.BufferHint"/> are gathered, because each
/// write to the HTTP stream costs a frame.
/// </summary>
internal sealed class RequestWriter<T>(HttpCall call, StreamingContent content, Marshaller<T> marshaller) : IClientStreamWriter<T>
{
    private const int GatherBytes = 32 * 1024;

    /// <summary>How long a failed write waits for the status that explains it.</summary>
    private static readonly TimeSpan StatusGrace = TimeSpan.FromMilliseconds(200);

    private readonly PooledBufferWriter _pending = new();
    private int _isBusy;
    private bool _isComplete;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0) throw new InvalidOperationException("Only one write may be pending at a time.");
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static call => ((HttpCall)call!).Cancel(CancelReason.Caller), call);
        try
        {
            if (_isComplete) throw new InvalidOperationException("The request stream is complete.");
            ThrowIfEnded();
            Stream stream = await content.Opened;
            WriteFlags flags = WriteOptions?.Flags ?? default;
            Append(message, flags);
            bool mayWait = flags.HasFlag(WriteFlags.BufferHint);
            if (mayWait && _pending.WrittenCount < GatherBytes) return;
            await SendPendingAsync(stream, flush: !mayWait);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or HttpRequestException or ObjectDisposedException)
        {
            throw await ExplainAsync(e);
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }

    public async Task CompleteAsync()
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0) throw new InvalidOperationException("Only one write may be pending at a time.");
        try
        {
            if (_isComplete) return;
            _isComplete = true;
            if (_pending.WrittenCount > 0 && call.End is null) await SendPendingAsync(await content.Opened, flush: false);
            _pending.Dispose();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or HttpRequestException or ObjectDisposedException or RpcException)
        {
            // The response tells why.
        }
        finally
        {
            content.Complete();
            Volatile.Write(ref _isBusy, 0);
        }
    }

    private void Append(T message, WriteFlags flags)
    {
        int before = _pending.WrittenCount;
        bool useGzip = call.ChannelOptions.CompressRequests && !flags.HasFlag(WriteFlags.NoCompress);
        try
        {
            FrameWriter.Write(_pending, marshaller, message, call.ChannelOptions.MaxSendMessageBytes, useGzip);
        }
        catch
        {
            _pending.Truncate(before); // no part of a message may stay
            throw;
        }
    }

    private async Task SendPendingAsync(Stream stream, bool flush)
    {
        await stream.WriteAsync(_pending.Written, call.CancellationToken);
        _pending.Truncate(0);
        if (flush) await stream.FlushAsync(call.CancellationToken);
    }

    /// <summary>
    /// A failed write says little: often the server has ended the call, and its status says why. When nobody is reading it, the call is left
    /// to its reader, who will get that status instead of a guess made here.
    /// </summary>
    private async Task<Exception> ExplainAsync(Exception exception)
    {
        if (call.CancellationToken.IsCancellationRequested) return call.Fail(exception);
        await Task.WhenAny(call.Ended, Task.Delay(StatusGrace, call.ChannelOptions.TimeProvider, CancellationToken.None));
        return call.End is null
            ? new RpcException(new Status(StatusCode.Unavailable, "The server takes no more requests; its status is at the end of the responses.", exception))
            : call.Fail(exception);
    }

    private void ThrowIfEnded()
    {
        if (call.End is { } end) throw end.Failure ?? new RpcException(end.Status, end.Trailers);
    }
}
