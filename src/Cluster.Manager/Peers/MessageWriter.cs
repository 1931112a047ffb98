using System.Buffers;
using System.Buffers.Binary;
using Cluster.Raft.Messages;

namespace Cluster.Manager.Peers;

/// <summary>Gathers messages as bytes, each behind its length. One buffer that is used again and again; one thread at a time.</summary>
internal sealed class MessageWriter : IBufferWriter<byte>
{
    public const int LengthBytes = 4;

    private const int MaxKeptBytes = 4 << 20;

    private byte[] _buffer = new byte[64 << 10];
    private int _written;

    public int WrittenCount => _written;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _written);

    public void Add(RaftMessage message)
    {
        int start = _written;
        GetSpan(LengthBytes);
        _written += LengthBytes;
        RaftMessageCodec.Encode(message, this);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(start), _written - start - LengthBytes);
    }

    public void Clear()
    {
        _written = 0;
        if (_buffer.Length > MaxKeptBytes) _buffer = new byte[MaxKeptBytes];
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_written);
    }

    private void Reserve(int count)
    {
        int needed = _written + Math.Max(count, 1);
        if (needed > _buffer.Length) Array.Resize(ref _buffer, Math.Max(needed, 2 * _buffer.Length));
    }
}
