using System.Buffers.Binary;
using System.Numerics;

namespace Cluster.Agent.State;

/// <summary>Kinds of records in the agent's state file. Numbers are never reused.</summary>
internal enum StateRecordKind : byte
{
    Header = 1,
    Position = 2,
    Template = 3,
    Assignment = 4,
    Status = 5,
    Removal = 6,
}

/// <summary>The frame of a record: length of kind and payload (4 bytes), CRC-32C of these (4 bytes), kind (1 byte), payload; little-endian.</summary>
internal static class StateRecord
{
    public const int FrameBytes = 8;

    /// <summary>Of kind and payload: far more than the largest template, far less than a bad length could claim.</summary>
    public const int LongestBody = 16 << 20;

    public static void Write(Stream to, StateRecordKind kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[FrameBytes + 1];
        head[FrameBytes] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head, payload.Length + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Checksum(Checksum(0xFFFFFFFF, head[FrameBytes..]), payload));
        to.Write(head);
        to.Write(payload);
    }

    /// <summary>Reads the record at the beginning. False: what is there is no whole record, <paramref name="claimed"/> is how far it would reach.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> from, out StateRecordKind kind, out ReadOnlyMemory<byte> payload, out long claimed)
    {
        (kind, payload, claimed) = (default, default, FrameBytes);
        if (from.Length < FrameBytes) return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(from.Span);
        claimed = (long)FrameBytes + length;
        if (length is < 1 or > LongestBody || claimed > from.Length) return false;
        ReadOnlyMemory<byte> body = from.Slice(FrameBytes, length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(from.Span[4..]) != Checksum(0xFFFFFFFF, body.Span)) return false;
        (kind, payload) = ((StateRecordKind)body.Span[0], body[1..]);
        return true;
    }

    private static uint Checksum(uint seed, ReadOnlySpan<byte> data)
    {
        uint crc = seed;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (byte b in data) crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
