using System.Buffers.Binary;

namespace Cluster.Raft;

/// <summary>Reads little-endian fields from bytes that nobody vouches for. Every lack is an <see cref="InvalidDataException"/>.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => Take(1)[0];

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public LogPosition ReadPosition() => new(ReadUInt64(), ReadUInt64());

    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"A truth value is {other}."),
    };

    /// <summary>A count whose elements must fit in what is left, so that a lying count allocates nothing.</summary>
    public int ReadCount(int elementBytes)
    {
        var count = ReadUInt32();
        if ((ulong)count * (uint)elementBytes > (uint)Remaining)
            throw new InvalidDataException($"{count} elements are announced, {Remaining} bytes are left.");
        return (int)count;
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
            throw new InvalidDataException($"{length} bytes are expected, {_rest.Length} are left.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            throw new InvalidDataException($"{_rest.Length} bytes are left over.");
    }
}
