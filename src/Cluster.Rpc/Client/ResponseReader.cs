using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Cluster.Rpc.Wire;
using Grpc.Core;

namespace Cluster.Rpc.Client;

/// <summary>
/// Reads the responses of one call; one reader at a time. The buffer comes from the pool and goes back only when the response was read to
/// its end: after a failure a read may still be using it.
/// </summary>
internal sealed class ResponseReader<T>(HttpCall call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
{
    private const int SingleBufferBytes = 1024;
    private const int StreamBufferBytes = 16 * 1024;

    private Stream? _body;
    private HttpResponseMessage? _response;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private bool _isGzipAllowed;

    public T Current { get; private set; } = default!;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (call.End is { } end) return end.Failure is null ? false : throw end.Failure;
        // Cancelling a read cancels the call: there is no way to go on in the middle of a message.
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static call => ((HttpCall)call!).Cancel(CancelReason.Caller), call);
        try
        {
            if (_body is null && !await OpenAsync()) return ThrowUnlessOk();
            while (true)
            {
                if (TryTakeMessage()) return true;
                MakeRoom();
                int read = await _body!.ReadAsync(_buffer.AsMemory(_end), call.CancellationToken);
                _end += read;
                if (read > 0) continue;
                if (_start != _end) throw new RpcException(new Status(StatusCode.Internal, "The response ended in the middle of a message."));
                call.Conclude(_response!.TrailingHeaders);
                ReturnBuffer();
                return ThrowUnlessOk();
            }
        }
        catch (Exception e)
        {
            throw call.Fail(e);
        }
    }

    /// <summary>The one response of a call that has one.</summary>
    public async Task<T> ReadSingleAsync()
    {
        if (!await MoveNext(CancellationToken.None))
            throw new RpcException(new Status(StatusCode.Internal, "The server ended the call with OK but without a response."), call.GetTrailers());
        T response = Current;
        if (await MoveNext(CancellationToken.None))
            throw call.Fail(new RpcException(new Status(StatusCode.Internal, "The server sent more than one response.")));
        return response;
    }

    private async Task<bool> OpenAsync()
    {
        _response = await call.Response;
        call.Receive(_response);
        HttpHeadersNonValidated headers = _response.Headers.NonValidated;
        bool isTrailersOnly = headers.Contains(WireHeaders.Status);
        if (_response.StatusCode != HttpStatusCode.OK && !isTrailersOnly)
        {
            StatusCode code = StatusMapping.FromHttpStatus((int)_response.StatusCode);
            throw new RpcException(new Status(code, $"The server answered with HTTP status {(int)_response.StatusCode}."));
        }
        string? contentType = _response.Content.Headers.NonValidated.TryGetValues(WireHeaders.ContentType, out HeaderStringValues types) ? types.ToString() : null;
        if (!WireHeaders.IsGrpc(contentType))
            throw new RpcException(new Status(StatusCode.Unknown, $"The server answered with content type '{contentType}': it is no gRPC server."));
        if (isTrailersOnly)
        {
            call.Conclude(_response.Headers);
            return false;
        }
        _isGzipAllowed = headers.TryGetValues(WireHeaders.Encoding, out HeaderStringValues encoding)
            && encoding.ToString().Equals(WireHeaders.Gzip, StringComparison.OrdinalIgnoreCase);
        _body = await _response.Content.ReadAsStreamAsync(call.CancellationToken);
        _buffer = ArrayPool<byte>.Shared.Rent(call.Type is MethodType.Unary or MethodType.ClientStreaming ? SingleBufferBytes : StreamBufferBytes);
        return true;
    }

    private bool TryTakeMessage()
    {
        var received = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        if (!FrameReader.TryTake(ref received, call.ChannelOptions.MaxReceiveMessageBytes, _isGzipAllowed, out ReadOnlySequence<byte> message)) return false;
        Current = FramePayload.Read(marshaller, message);
        _start = _end - (int)received.Length;
        return true;
    }

    /// <summary>Room for at least one byte, and for the whole of a message whose length is known (and was checked).</summary>
    private void MakeRoom()
    {
        int held = _end - _start;
        int wanted = held >= FrameReader.HeaderBytes ? FrameReader.FrameBytes(_buffer.AsSpan(_start)) : FrameReader.HeaderBytes;
        byte[] target = wanted > _buffer.Length ? ArrayPool<byte>.Shared.Rent(wanted) : _buffer;
        if (ReferenceEquals(target, _buffer) && _start + wanted <= _buffer.Length) return;
        _buffer.AsSpan(_start, held).CopyTo(target);
        if (!ReferenceEquals(target, _buffer)) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
        _start = 0;
        _end = held;
    }

    private void ReturnBuffer()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private bool ThrowUnlessOk() => call.End?.Failure is { } failure ? throw failure : false;
}
