using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cluster.Node.Keys;

/// <summary>
/// A small secret file: magic, format version, then the content under AES-256-GCM with the header as associated data. Written beside,
/// synced and renamed, so that a crash leaves the old or the new content, never a mixture. Format 1 is sealed under a key of this machine;
/// format 2 under the cluster's unlock key, whose generation is in the header.
/// </summary>
internal sealed class SealedFile(string path, string purpose, KeyFiles files)
{
    private const ushort OwnKeyFormat = 1;
    private const ushort UnlockKeyFormat = 2;
    private const int FormatAt = 4;
    private const int GenerationAt = 6;
    private const int OwnKeyHeaderBytes = 6;
    private const int UnlockKeyHeaderBytes = 14;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static ReadOnlySpan<byte> Magic => "CLSF"u8;

    public string Path => path;

    public bool Exists => File.Exists(path);

    /// <summary>Of the unlock key that opens it; null: a key of this machine does.</summary>
    public ulong? ReadGeneration()
    {
        byte[] file = File.ReadAllBytes(path);
        return CheckHeader(file) == OwnKeyHeaderBytes ? null : BinaryPrimitives.ReadUInt64BigEndian(file.AsSpan(GenerationAt));
    }

    /// <exception cref="KeyStoreException">It is not such a file, or of another format, or this is not its key.</exception>
    public byte[] Read(ReadOnlySpan<byte> key) => TryRead(key, out AuthenticationTagMismatchException? mismatch)
        ?? throw new KeyStoreException($"{path} cannot be opened: it was changed, or its key is not this machine's", mismatch);

    /// <returns>Null: it is sealed under another key, or was changed.</returns>
    public byte[]? TryRead(ReadOnlySpan<byte> key, out AuthenticationTagMismatchException? mismatch)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = CheckHeader(file);
        ReadOnlySpan<byte> nonce = file.AsSpan(header, NonceBytes);
        ReadOnlySpan<byte> tag = file.AsSpan(header + NonceBytes, TagBytes);
        ReadOnlySpan<byte> sealedContent = file.AsSpan(header + NonceBytes + TagBytes);
        byte[] content = new byte[sealedContent.Length];
        using AesGcm cipher = new(key, TagBytes);
        mismatch = null;
        try
        {
            cipher.Decrypt(nonce, sealedContent, tag, content, file.AsSpan(0, header));
            return content;
        }
        catch (AuthenticationTagMismatchException e)
        {
            mismatch = e;
            return null;
        }
    }

    /// <summary>Under a key of this machine, or with a generation under that unlock key.</summary>
    public void Write(ReadOnlySpan<byte> content, ReadOnlySpan<byte> key, ulong? generation)
    {
        int header = generation is null ? OwnKeyHeaderBytes : UnlockKeyHeaderBytes;
        byte[] file = new byte[header + NonceBytes + TagBytes + content.Length];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(FormatAt), generation is null ? OwnKeyFormat : UnlockKeyFormat);
        if (generation is { } number) BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(GenerationAt), number);
        RandomNumberGenerator.Fill(file.AsSpan(header, NonceBytes));
        using AesGcm cipher = new(key, TagBytes);
        cipher.Encrypt(
            file.AsSpan(header, NonceBytes),
            content,
            file.AsSpan(header + NonceBytes + TagBytes),
            file.AsSpan(header + NonceBytes, TagBytes),
            file.AsSpan(0, header));
        files.Replace(path, file);
    }

    public void Delete() => files.Erase(path);

    /// <returns>The length of the header.</returns>
    private int CheckHeader(ReadOnlySpan<byte> file)
    {
        if (file.Length < OwnKeyHeaderBytes + NonceBytes + TagBytes || !file[..FormatAt].SequenceEqual(Magic)) throw NotOurs();
        ushort format = BinaryPrimitives.ReadUInt16BigEndian(file[FormatAt..]);
        if (format is not (OwnKeyFormat or UnlockKeyFormat))
        {
            throw new KeyStoreException(
                $"{path} has format {format}; this program reads formats {OwnKeyFormat} and {UnlockKeyFormat}: use the program that wrote it, or a newer one");
        }

        int header = format == OwnKeyFormat ? OwnKeyHeaderBytes : UnlockKeyHeaderBytes;
        return file.Length >= header + NonceBytes + TagBytes ? header : throw NotOurs();
    }

    private KeyStoreException NotOurs() => new($"{path} is not a {purpose} of Cluster");
}
