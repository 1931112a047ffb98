using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cluster.Node.Keys;

/// <summary>
/// A small secret file: magic, format version, then the content under AES-256-GCM with the header as associated data. Written beside,
/// synced and renamed, so that a crash leaves the old or the new content, never a mixture.
/// </summary>
internal sealed class SealedFile(string path, string purpose)
{
    private const ushort Format = 1;
    private const int HeaderBytes = 6;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static ReadOnlySpan<byte> Magic => "CLSF"u8;

    public string Path => path;

    public bool Exists => File.Exists(path);

    public byte[] Read(ReadOnlySpan<byte> key)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.Length < HeaderBytes + NonceBytes + TagBytes || !file.AsSpan(0, 4).SequenceEqual(Magic))
        {
            throw new KeyStoreException($"{path} is not a {purpose} of Cluster");
        }

        ushort format = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(4));
        if (format != Format) throw new KeyStoreException($"{path} has format {format}; this program reads format {Format}: use the program that wrote it, or a newer one");

        ReadOnlySpan<byte> nonce = file.AsSpan(HeaderBytes, NonceBytes);
        ReadOnlySpan<byte> tag = file.AsSpan(HeaderBytes + NonceBytes, TagBytes);
        ReadOnlySpan<byte> sealedContent = file.AsSpan(HeaderBytes + NonceBytes + TagBytes);
        byte[] content = new byte[sealedContent.Length];
        using AesGcm cipher = new(key, TagBytes);
        try
        {
            cipher.Decrypt(nonce, sealedContent, tag, content, file.AsSpan(0, HeaderBytes));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new KeyStoreException($"{path} cannot be opened: it was changed, or its key is not this machine's", e);
        }

        return content;
    }

    public void Write(ReadOnlySpan<byte> content, ReadOnlySpan<byte> key)
    {
        byte[] file = new byte[HeaderBytes + NonceBytes + TagBytes + content.Length];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(4), Format);
        RandomNumberGenerator.Fill(file.AsSpan(HeaderBytes, NonceBytes));
        using AesGcm cipher = new(key, TagBytes);
        cipher.Encrypt(
            file.AsSpan(HeaderBytes, NonceBytes),
            content,
            file.AsSpan(HeaderBytes + NonceBytes + TagBytes),
            file.AsSpan(HeaderBytes + NonceBytes, TagBytes),
            file.AsSpan(0, HeaderBytes));
        PrivateFile.Replace(path, file);
    }

    public void Delete() => File.Delete(path);
}
