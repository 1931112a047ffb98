using System.Buffers;
using System.Buffers.Binary;

namespace Cluster.Raft;

/// <summary>Writes little-endian fields.</summary>
internal static class WireWriter
{
    public static void WriteByte(this IBufferWriter<byte> buffer, byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    public static void WriteBoolean(this IBufferWriter<byte> buffer, bool value) => buffer.WriteByte(value ? (byte)1 : (byte)0);

    public static void WriteUInt32(this IBufferWriter<byte> buffer, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    public static void WriteUInt64(this IBufferWriter<byte> buffer, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    public static void WritePosition(this IBufferWriter<byte> buffer, LogPosition value)
    {
        buffer.WriteUInt64(value.Index);
        buffer.WriteUInt64(value.Term);
    }
}
