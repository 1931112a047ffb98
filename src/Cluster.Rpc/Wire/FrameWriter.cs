using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Cluster.Rpc.Wire;

/// <summary>
/// Serializes one message as a frame. Straight into the target when the serializer declares the length and nothing is compressed; through a
/// scratch buffer otherwise. One instance per thread is kept for reuse; a serializer that writes another message meanwhile gets a new one.
/// When the serializer throws, the target may hold part of a frame: the owner must drop it.
/// </summary>
internal sealed class FrameWriter : SerializationContext
{
    private const int MaxKeptScratchBytes = 1 << 20;

    [ThreadStatic]
    private static FrameWriter? t_cached;

    private IBufferWriter<byte>? _target;
    private ArrayBufferWriter<byte>? _scratch;
    private int _maxBytes;
    private int _declaredBytes;
    private bool _useGzip;
    private bool _isDirect;
    private bool _isComplete;

    public static void Write<T>(IBufferWriter<byte> target, Marshaller<T> marshaller, T message, int maxBytes, bool useGzip)
    {
        FrameWriter writer = t_cached ?? new FrameWriter();
        t_cached = null;
        writer.Reset(target, maxBytes, useGzip);
        marshaller.ContextualSerializer(message, writer);
        if (!writer._isComplete) throw new InvalidOperationException("The serializer did not complete the message.");
        writer._target = null;
        if (writer._scratch?.Capacity > MaxKeptScratchBytes) writer._scratch = null;
        t_cached = writer;
    }

    public override void SetPayloadLength(int payloadLength) => _declaredBytes = payloadLength;

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_declaredBytes < 0 || _useGzip) return _scratch ??= new ArrayBufferWriter<byte>();
        if (!_isDirect) WriteHeader(isCompressed: false, _declaredBytes);
        _isDirect = true;
        return _target!;
    }

    public override void Complete()
    {
        SetComplete();
        if (!_isDirect) WriteFrame(_scratch?.WrittenMemory ?? default);
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        SetComplete();
        WriteFrame(payload);
    }

    private void Reset(IBufferWriter<byte> target, int maxBytes, bool useGzip)
    {
        _target = target;
        _maxBytes = maxBytes;
        _declaredBytes = -1;
        _useGzip = useGzip;
        _isDirect = false;
        _isComplete = false;
        _scratch?.ResetWrittenCount();
    }

    private void SetComplete()
    {
        if (_isComplete) throw new InvalidOperationException("The serializer completed the message twice.");
        _isComplete = true;
    }

    private void WriteFrame(ReadOnlyMemory<byte> message)
    {
        CheckLimit(message.Length);
        ReadOnlyMemory<byte> body = _useGzip ? GzipCodec.Compress(message) : message;
        WriteHeader(_useGzip, body.Length);
        _target!.Write(body.Span);
    }

    private void WriteHeader(bool isCompressed, int length)
    {
        CheckLimit(length);
        Span<byte> header = _target!.GetSpan(FrameReader.HeaderBytes);
        header[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)length);
        _target.Advance(FrameReader.HeaderBytes);
    }

    private void CheckLimit(int length)
    {
        if (length <= _maxBytes) return;
        throw new RpcException(new Status(StatusCode.ResourceExhausted, $"A message of {length} bytes to be sent is larger than the limit of {_maxBytes}."));
    }
}
