using System.Buffers.Binary;

namespace Cluster.Network.Netlink;

/// <summary>Takes received bytes apart: messages, and the attributes of one. Truncated input ends the walk. Pure.</summary>
internal static class NetlinkReader
{
    public const int HeaderBytes = 16;

    private const int AttributeHeaderBytes = 4;
    private const ushort TypeMask = 0x3fff;

    /// <summary>False at the end. The payload is what follows the header.</summary>
    public static bool TryNext(ref ReadOnlyMemory<byte> rest, out NetlinkType type, out uint sequence, out ReadOnlyMemory<byte> payload)
    {
        (type, sequence, payload) = (default, 0, default);
        if (rest.Length < HeaderBytes) return false;
        ReadOnlySpan<byte> header = rest.Span;
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length < HeaderBytes || length > rest.Length) return false;
        type = (NetlinkType)BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        sequence = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        payload = rest[HeaderBytes..length];
        rest = rest[Math.Min(length + 3 & ~3, rest.Length)..];
        return true;
    }

    /// <summary>The value of an attribute after a fixed part of so many bytes; empty when it is absent.</summary>
    public static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> payload, int fixedBytes, ushort attribute)
    {
        ReadOnlySpan<byte> rest = payload.Length < fixedBytes ? default : payload[fixedBytes..];
        while (rest.Length >= AttributeHeaderBytes)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            if (length < AttributeHeaderBytes || length > rest.Length) break;
            if ((BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]) & TypeMask) == attribute) return rest[AttributeHeaderBytes..length];
            rest = rest[Math.Min(length + 3 & ~3, rest.Length)..];
        }

        return default;
    }
}
