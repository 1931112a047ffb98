using System.Buffers.Binary;

namespace Cluster.Raft.Storage;

/// <summary>The beginning of every file: what it is, in which format, whose, and under which data key.</summary>
internal static class FileHeader
{
    public const int Length = 80;
    public const uint FormatVersion = 1;

    public static ReadOnlySpan<byte> SegmentMagic => "CLRAFTLG"u8;

    public static ReadOnlySpan<byte> SnapshotMagic => "CLRAFTSN"u8;

    public static void Write(Span<byte> header, ReadOnlySpan<byte> magic, StorageIdentity identity, ulong number, DataKey key)
    {
        header = header[..Length];
        header.Clear();
        magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Length);
        BinaryPrimitives.WriteUInt128LittleEndian(header[16..], identity.ClusterId);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], identity.Incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], identity.Member.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], number);
        key.Fingerprint.CopyTo(header[56..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[72..], Crc32C.Compute(header[..72]));
    }

    /// <summary>Says which key the file is sealed under; see <see cref="DataKey.Fingerprint"/>.</summary>
    public static ReadOnlySpan<byte> FingerprintIn(ReadOnlySpan<byte> header) => header.Slice(56, DataKey.FingerprintBytes);

    /// <returns>The file's number, and its key.</returns>
    /// <exception cref="RaftStorageException">It is not such a file, of a later format, someone else's, damaged, or under a key that is not here.</exception>
    public static (ulong Number, DataKey Key) Check(ReadOnlySpan<byte> header, ReadOnlySpan<byte> magic, StorageIdentity identity, DataKeyRing keys, string path)
    {
        if (header.Length < Length || !header[..8].SequenceEqual(magic))
            throw new RaftStorageException($"{path} at offset 0: this is not a file of the Raft storage, or its beginning is damaged.", RaftStorageError.Corrupt);
        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (version != FormatVersion)
        {
            throw new RaftStorageException(
                $"{path} has format version {version}; this program knows version {FormatVersion}. Run the program that wrote it, or a later one.",
                RaftStorageError.UnknownVersion);
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header[72..]) != Crc32C.Compute(header[..72]) || BinaryPrimitives.ReadUInt32LittleEndian(header[76..]) != 0)
            throw new RaftStorageException($"{path} at offset 0: the header is damaged.", RaftStorageError.Corrupt);
        var found = new StorageIdentity(
            BinaryPrimitives.ReadUInt128LittleEndian(header[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
            new MemberId(BinaryPrimitives.ReadUInt64LittleEndian(header[40..])));
        if (found != identity)
            throw new RaftStorageException($"{path} belongs to {found}; this is {identity}.", RaftStorageError.ForeignIdentity);
        var key = keys.Find(FingerprintIn(header))
            ?? throw new RaftStorageException($"{path} is sealed under another data key.", RaftStorageError.WrongKey);
        return (BinaryPrimitives.ReadUInt64LittleEndian(header[48..]), key);
    }
}
