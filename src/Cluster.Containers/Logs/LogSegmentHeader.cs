using System.Buffers.Binary;

namespace Cluster.Containers.Logs;

/// <summary>
/// The beginning of a segment file: magic with format version (8), how far stdout (8) and stderr (8) had been read when it was begun, so
/// that positions are known even when every older segment is gone.
/// </summary>
internal static class LogSegmentHeader
{
    public const int Bytes = 24;

    private static ReadOnlySpan<byte> Magic => "CLLOG\0\0\x01"u8;

    public static byte[] Encode(long stdoutPosition, long stderrPosition)
    {
        byte[] header = new byte[Bytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), stdoutPosition);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), stderrPosition);
        return header;
    }

    public static bool TryDecode(ReadOnlySpan<byte> header, out long stdoutPosition, out long stderrPosition)
    {
        (stdoutPosition, stderrPosition) = (0, 0);
        if (header.Length < Bytes || !header.StartsWith(Magic)) return false;
        stdoutPosition = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        stderrPosition = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        return stdoutPosition >= 0 && stderrPosition >= 0;
    }
}
