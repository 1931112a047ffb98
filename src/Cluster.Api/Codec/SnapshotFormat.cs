using System.Security.Cryptography;

namespace Cluster.Api.Codec;

/// <summary>
/// The layout of the store's snapshots, and of backups, which are snapshots: <see cref="Magic"/>; the header; the rows, by table and key; the SHA-256 of all before it. Header and rows are
/// messages of storage.proto, each after its length as four bytes, little-endian.
/// </summary>
public static class SnapshotFormat
{
    public const uint Current = 1;

    public const int LengthBytes = sizeof(uint);

    public const int ChecksumBytes = SHA256.HashSizeInBytes;

    /// <summary>Larger lengths are damage.</summary>
    public const int MaxMessageBytes = 16 << 20;

    public static ReadOnlySpan<byte> Magic => "CLSTRSNP"u8;
}
