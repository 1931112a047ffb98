using System.Buffers.Binary;
using System.Numerics;
using Cluster.Agent.Runtime;

namespace Cluster.Containers.Logs;

/// <summary>
/// The stored form of one line: length of the data (4), checksum over all that follows (4), time in ticks (8), how far the container's
/// output has been read with this line (8), stream (1), data. Little-endian. That the position is in the record makes line and position
/// one write: a line is neither lost nor stored twice when the agent ends between.
/// </summary>
internal static class LogRecord
{
    public const int HeaderBytes = 25;
    public const int MaxLineBytes = 16 * 1024;

    private const int ChecksumAt = 4, TimeAt = 8, PositionAt = 16, StreamAt = 24;

    public static int SizeOf(int dataLength) => HeaderBytes + dataLength;

    public static void Write(Span<byte> target, DateTimeOffset at, ContainerStream stream, long position, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, data.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[TimeAt..], at.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(target[PositionAt..], position);
        target[StreamAt] = (byte)stream;
        data.CopyTo(target[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumAt..], Checksum(target[TimeAt..(HeaderBytes + data.Length)]));
    }

    /// <summary>False when the source does not begin with a whole and intact record.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out LogEntry entry)
    {
        entry = default;
        if (source.Length < HeaderBytes) return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(source);
        if (length is < 0 or > MaxLineBytes || source.Length < HeaderBytes + length) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]) != Checksum(source[TimeAt..(HeaderBytes + length)])) return false;
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(source[TimeAt..]);
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks || source[StreamAt] > (byte)ContainerStream.Stderr) return false;
        entry = new LogEntry(new DateTimeOffset(ticks, TimeSpan.Zero), (ContainerStream)source[StreamAt], BinaryPrimitives.ReadInt64LittleEndian(source[PositionAt..]), length);
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

/// <summary>What a record says apart from its data.</summary>
internal readonly record struct LogEntry(DateTimeOffset At, ContainerStream Stream, long Position, int DataLength)
{
    public int RecordBytes => LogRecord.SizeOf(DataLength);
}
