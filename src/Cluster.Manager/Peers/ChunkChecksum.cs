using System.Buffers.Binary;
using System.Numerics;

namespace Cluster.Manager.Peers;

/// <summary>CRC-32C (Castagnoli) of a chunk, with the processor's instruction where there is one.</summary>
internal static class ChunkChecksum
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
