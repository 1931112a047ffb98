using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cluster.Raft.Storage;

/// <summary>A sealed piece of a snapshot: length, whether it is the last, bytes, tag. Its number is the nonce, so none can be left out or moved.</summary>
internal static class SnapshotFrame
{
    public const int ContentBytes = 1 << 20;
    public const int HeaderBytes = 8;
    public const int OverheadBytes = HeaderBytes + Record.TagBytes;
    public const int FullBytes = ContentBytes + OverheadBytes;

    public static void Write(Span<byte> frame, ReadOnlySpan<byte> content, ulong number, bool isLast, AesGcm key)
    {
        WriteHeader(frame, content.Length, isLast);
        Span<byte> nonce = stackalloc byte[Record.NonceBytes];
        WriteNonce(nonce, number);
        var tag = frame.Slice(HeaderBytes + content.Length, Record.TagBytes);
        key.Encrypt(nonce, content, frame.Slice(HeaderBytes, content.Length), tag, frame[..HeaderBytes]);
    }

    /// <returns>Whether it is intact.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, Span<byte> content, ulong number, bool isLast, AesGcm key)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        WriteHeader(header, content.Length, isLast);
        if (!header.SequenceEqual(frame[..HeaderBytes]))
            return false;
        Span<byte> nonce = stackalloc byte[Record.NonceBytes];
        WriteNonce(nonce, number);
        try
        {
            key.Decrypt(nonce, frame.Slice(HeaderBytes, content.Length), frame.Slice(HeaderBytes + content.Length, Record.TagBytes), content, header);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static void WriteHeader(Span<byte> header, int length, bool isLast)
    {
        header[..HeaderBytes].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        header[4] = isLast ? (byte)1 : (byte)0;
    }

    private static void WriteNonce(Span<byte> nonce, ulong number)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, number);
    }
}
