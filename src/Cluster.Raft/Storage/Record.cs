using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cluster.Raft.Storage;

/// <summary>The bytes of one record; see the README beside this file. Pure.</summary>
internal static class Record
{
    public const int HeaderBytes = 40;
    public const int TagBytes = 16;
    public const int Alignment = 8;
    public const uint Magic = 0x4b52_4c43;
    public const int NonceBytes = 12;

    private const int BodyCrcAt = 12;
    private const int HeaderCrcAt = 32;
    private const uint HeaderEnd = 0x5a5a_5a5a;
    private const byte EndMarker = 0xa5;

    /// <summary>What a record of this payload takes in the file.</summary>
    public static int SizeOf(int payloadBytes) => (ExtentOf(payloadBytes) + Alignment - 1) / Alignment * Alignment;

    /// <summary>Without the padding.</summary>
    public static int ExtentOf(int payloadBytes) => HeaderBytes + payloadBytes + TagBytes + 1;

    /// <summary>Seals <paramref name="payload"/> into <paramref name="target"/>, which has its size and is all zeros.</summary>
    public static void Write(Span<byte> target, RecordType type, ReadOnlySpan<byte> payload, RecordHeader header, AesGcm key)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], payload.Length);
        target[8] = (byte)type;
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], header.KnownDurable);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], header.Number);

        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, header.Number);
        var body = target.Slice(HeaderBytes, payload.Length + TagBytes + 1);
        var sealedPayload = body[..payload.Length];
        var tag = body.Slice(payload.Length, TagBytes);
        var associated = Associated(target, stackalloc byte[HeaderCrcAt + DataKey.SaltBytes], type, payload);
        if (type == RecordType.Epoch)
        {
            key.Encrypt(nonce, [], [], tag, associated);
            payload.CopyTo(sealedPayload);
        }
        else
        {
            key.Encrypt(nonce, payload, sealedPayload, tag, associated);
        }

        body[^1] = EndMarker;
        BinaryPrimitives.WriteUInt32LittleEndian(target[BodyCrcAt..], Crc32C.Compute(body));
        BinaryPrimitives.WriteUInt32LittleEndian(target[HeaderCrcAt..], Crc32C.Compute(target[..HeaderCrcAt]));
        BinaryPrimitives.WriteUInt32LittleEndian(target[36..], HeaderEnd);
    }

    /// <summary>Whether an intact header is at the beginning of <paramref name="bytes"/>.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]) != HeaderEnd
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderCrcAt..]) != Crc32C.Compute(bytes[..HeaderCrcAt]))
            return false;
        header = new RecordHeader(
            (RecordType)bytes[8],
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
        return header.PayloadBytes >= 0;
    }

    /// <summary>Whether the body that follows an intact header is there and checks.</summary>
    public static bool HasIntactBody(ReadOnlySpan<byte> bytes, RecordHeader header)
    {
        if (bytes.Length - ExtentOf(0) < header.PayloadBytes)
            return false;
        var body = bytes[HeaderBytes..ExtentOf(header.PayloadBytes)];
        return body[^1] == EndMarker && BinaryPrimitives.ReadUInt32LittleEndian(bytes[BodyCrcAt..]) == Crc32C.Compute(body);
    }

    /// <exception cref="AuthenticationTagMismatchException">It was changed, or is not of this key.</exception>
    public static byte[] Open(ReadOnlySpan<byte> bytes, RecordHeader header, AesGcm key)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, header.Number);
        var sealedPayload = bytes.Slice(HeaderBytes, header.PayloadBytes);
        var tag = bytes.Slice(HeaderBytes + header.PayloadBytes, TagBytes);
        var associated = Associated(bytes, stackalloc byte[HeaderCrcAt + DataKey.SaltBytes], header.Type, sealedPayload);
        if (header.Type == RecordType.Epoch)
        {
            key.Decrypt(nonce, [], tag, [], associated);
            return sealedPayload.ToArray();
        }

        var payload = GC.AllocateUninitializedArray<byte>(header.PayloadBytes);
        key.Decrypt(nonce, sealedPayload, tag, payload, associated);
        return payload;
    }

    /// <summary>
    /// Whether a bad record looks like one that was being written when the power went: the disk writes sectors, a dying process a beginning, so
    /// something of it is still zero where a complete record never is.
    /// </summary>
    /// <param name="segment">The whole segment.</param>
    /// <param name="at">Where the bad record begins.</param>
    public static bool LooksTorn(ReadOnlySpan<byte> segment, int at)
    {
        const int Sector = 512;
        var extent = HeaderBytes;
        if (TryReadHeader(segment[at..], out var header) && ExtentOf(0) + (long)header.PayloadBytes <= segment.Length - at)
            extent = ExtentOf(header.PayloadBytes);
        var end = Math.Min(at + extent, segment.Length);
        if (segment[end - 1] == 0)
            return true;
        for (var from = at; from < end;)
        {
            var to = Math.Min(end, ((from / Sector) + 1) * Sector);
            if (!segment[from..to].ContainsAnyExcept((byte)0))
                return true;
            from = to;
        }

        return false;
    }

    /// <summary>What the tag vouches for beside the payload: the header, and in an epoch record the salt itself.</summary>
    private static ReadOnlySpan<byte> Associated(ReadOnlySpan<byte> record, Span<byte> target, RecordType type, ReadOnlySpan<byte> payload)
    {
        record[..HeaderCrcAt].CopyTo(target);
        target.Slice(BodyCrcAt, 4).Clear();
        if (type != RecordType.Epoch)
            return target[..HeaderCrcAt];
        payload.CopyTo(target[HeaderCrcAt..]);
        return target[..(HeaderCrcAt + payload.Length)];
    }

    private static void WriteNonce(Span<byte> nonce, ulong number)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, number);
    }
}
