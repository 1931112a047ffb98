using System.Buffers.Binary;
using System.Text;

namespace Cluster.Network.Netlink;

/// <summary>
/// Builds one netlink message: header, the fixed part of its type, attributes. Everything is aligned to four bytes; numbers are in the
/// machine's order, which is little-endian on all machines that .NET runs on here. Pure.
/// </summary>
internal sealed class NetlinkWriter
{
    private const int HeaderBytes = 16, AttributeHeaderBytes = 4;
    private const ushort Nested = 0x8000;

    private byte[] _bytes = new byte[256];
    private int _length;

    public NetlinkWriter(NetlinkType type, NetlinkFlags flags, uint sequence)
    {
        Span<byte> header = Take(HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], sequence);
    }

    /// <summary>struct ifinfomsg: family, type, index, flags, which of the flags change.</summary>
    public NetlinkWriter LinkHeader(int index = 0, uint flags = 0, uint changed = 0)
    {
        Span<byte> part = Take(16);
        BinaryPrimitives.WriteInt32LittleEndian(part[4..], index);
        BinaryPrimitives.WriteUInt32LittleEndian(part[8..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(part[12..], changed);
        return this;
    }

    /// <summary>struct ifaddrmsg.</summary>
    public NetlinkWriter AddressHeader(byte family, int prefixLength, int index)
    {
        Span<byte> part = Take(8);
        (part[0], part[1]) = (family, (byte)prefixLength);
        BinaryPrimitives.WriteInt32LittleEndian(part[4..], index);
        return this;
    }

    /// <summary>struct rtmsg of a unicast route in the main table.</summary>
    public NetlinkWriter RouteHeader(byte family, int prefixLength)
    {
        const byte mainTable = 254, madeByAdministrator = 4, unicast = 1;
        Span<byte> part = Take(12);
        (part[0], part[1], part[4], part[5], part[7]) = (family, (byte)prefixLength, mainTable, madeByAdministrator, unicast);
        return this;
    }

    public NetlinkWriter Bytes(ushort attribute, ReadOnlySpan<byte> value)
    {
        Span<byte> part = Take(AttributeHeaderBytes + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(part, (ushort)(AttributeHeaderBytes + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(part[2..], attribute);
        value.CopyTo(part[AttributeHeaderBytes..]);
        return this;
    }

    public NetlinkWriter Number(ushort attribute, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Bytes(attribute, bytes);
    }

    /// <summary>With a terminating zero.</summary>
    public NetlinkWriter Text(ushort attribute, string value) => Bytes(attribute, [.. Encoding.UTF8.GetBytes(value), 0]);

    public NetlinkWriter Nest(ushort attribute, Action<NetlinkWriter> content)
    {
        int start = _length;
        BinaryPrimitives.WriteUInt16LittleEndian(Take(AttributeHeaderBytes)[2..], (ushort)(attribute | Nested));
        content(this);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)(_length - start));
        return this;
    }

    public byte[] Build()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length);
        return _bytes[.._length];
    }

    /// <summary>The next bytes, zeroed; the length goes up to the next multiple of four.</summary>
    private Span<byte> Take(int count)
    {
        int start = _length, end = start + (count + 3 & ~3);
        if (end > _bytes.Length) Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
        _length = end;
        return _bytes.AsSpan(start, count);
    }
}
