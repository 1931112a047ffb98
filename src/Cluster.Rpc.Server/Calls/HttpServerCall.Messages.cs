using System.Buffers;
using System.IO.Pipelines;
using Cluster.Rpc.Wire;
using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

internal sealed partial class HttpServerCall
{
    private const int GatherBytes = 32 * 1024;

    private bool _isGzipAllowed;
    private bool _useGzip;
    private bool _hasWritten;
    private bool _isFrameBroken;

    /// <summary>True when messages that may wait have become so many that they must be sent.</summary>
    public bool IsBufferFull => !Writer.CanGetUnflushedBytes || Writer.UnflushedBytes >= GatherBytes;

    private PipeWriter Writer => http.Response.BodyWriter;

    /// <summary>Puts a message into the response's buffer.</summary>
    public void Write<T>(Marshaller<T> marshaller, T message)
    {
        if (message is null) throw new RpcException(new Status(StatusCode.Internal, "The server's handler gave no response."));
        if (_isFinished) throw new InvalidOperationException("The call has ended.");
        ThrowIfGone();
        bool useGzip = _useGzip && WriteOptions?.Flags.HasFlag(WriteFlags.NoCompress) != true;
        try
        {
            FrameWriter.Write(Writer, marshaller, message, options.MaxSendMessageBytes, useGzip);
            _hasWritten = true;
        }
        catch (Exception e) when (e is not RpcException)
        {
            _isFrameBroken = true; // part of the message may be in the buffer: only a reset keeps it from being read as one
            throw;
        }
    }

    /// <summary>Sends the buffer; waits while the client does not take it.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource? linked = Link(cancellationToken);
        FlushResult result = await Writer.FlushAsync(linked?.Token ?? CancellationToken);
        if (!result.IsCompleted && !result.IsCanceled) return;
        _isClientGone = true;
        throw ClientGone(null);
    }

    /// <summary>Reads the next request; null at the end of them.</summary>
    public async ValueTask<T?> ReadAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken)
        where T : class
    {
        PipeReader reader = http.Request.BodyReader;
        using CancellationTokenSource? linked = Link(cancellationToken);
        while (true)
        {
            ReadResult result = await ReadBufferAsync(reader, linked?.Token ?? CancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            T? message = null;
            try
            {
                if (FrameReader.TryTake(ref buffer, options.MaxReceiveMessageBytes, _isGzipAllowed, out ReadOnlySequence<byte> frame))
                    message = FramePayload.Read(marshaller, frame);
            }
            catch
            {
                reader.AdvanceTo(buffer.End);
                throw;
            }
            if (message is not null)
            {
                reader.AdvanceTo(buffer.Start);
                return message;
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted) continue;
            return buffer.IsEmpty ? null : throw new RpcException(new Status(StatusCode.Internal, "The requests ended in the middle of a message."));
        }
    }

    /// <summary>The one request of a call that has one. Reads on to the end of the stream: the server would reset it otherwise.</summary>
    public async ValueTask<T> ReadSingleAsync<T>(Marshaller<T> marshaller)
        where T : class
    {
        T request = await ReadAsync(marshaller, CancellationToken.None)
            ?? throw new RpcException(new Status(StatusCode.Unimplemented, "The call has no request message."));
        if (await ReadAsync(marshaller, CancellationToken.None) is not null)
            throw new RpcException(new Status(StatusCode.Unimplemented, "The call has more than one request message."));
        return request;
    }

    private static OperationCanceledException ClientGone(Exception? cause) => new("The caller has cancelled the call or is gone.", cause);

    private async ValueTask<ReadResult> ReadBufferAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (IOException e)
        {
            // A reset arrives here before the request's token is cancelled: handlers should only have to know one of the two.
            _isClientGone = true;
            throw ClientGone(e);
        }
    }

    /// <summary>The caller's token together with the call's own; null when the call's own is enough.</summary>
    private CancellationTokenSource? Link(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled && cancellationToken != CancellationToken
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, CancellationToken)
            : null;

    private void ThrowIfGone()
    {
        if (HasDeadlinePassed || _refusal is not null || http.RequestAborted.IsCancellationRequested) throw ClientGone(null);
    }
}
