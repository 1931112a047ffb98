using System.Security.Cryptography;

namespace Cluster.Raft.Storage;

/// <summary>The member's data key. Nothing is sealed with it directly: each opening of a file gets a key of its own, so that nonces can count.</summary>
internal sealed class DataKey : IDisposable
{
    public const int Bytes = 32;
    public const int SaltBytes = 32;
    public const int FingerprintBytes = 16;

    private readonly byte[] _key;

    public DataKey(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Bytes, nameof(key));
        _key = key.ToArray();
        Fingerprint = HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, FingerprintBytes, info: "cluster raft data key fingerprint"u8.ToArray());
    }

    /// <summary>Says which key it is and nothing about it.</summary>
    public byte[] Fingerprint { get; }

    public AesGcm DeriveSegmentKey(ReadOnlySpan<byte> salt) => Derive(salt, "cluster raft segment"u8);

    public AesGcm DeriveSnapshotKey(ReadOnlySpan<byte> salt) => Derive(salt, "cluster raft snapshot"u8);

    public override string ToString() => "***";

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private AesGcm Derive(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> purpose)
    {
        Span<byte> key = stackalloc byte[Bytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, key, salt, purpose);
        try
        {
            return new AesGcm(key, Record.TagBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
