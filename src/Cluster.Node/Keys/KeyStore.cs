using System.Security.Cryptography;
using Cluster.Api.Storage;
using Cluster.Model.Objects;
using Google.Protobuf;

namespace Cluster.Node.Keys;

/// <summary>
/// The node's keys on disk, in <c>&lt;state&gt;/node</c>: sealed under a key that stands beside them in a file of its own, or, when the cluster
/// locks its managers, under the cluster's unlock key, which is on no disk in clear. One writer at a time: the node's life cycle. What must hold:
/// whatever moment the machine stops at, the keys are there under the old or the new key, and the old one is still known to whoever needs it.
/// </summary>
internal sealed class KeyStore
{
    private const int KeyBytes = 32;

    private readonly string _directory;
    private readonly KeyFiles _files;
    private readonly SealedFile _keys;
    private readonly SealedFile _pending;
    private readonly string _ownKeyPath;
    private ClusterLock _lock = ClusterLock.Open;

    public KeyStore(string directory)
        : this(directory, new KeyFiles())
    {
    }

    internal KeyStore(string directory, KeyFiles files)
    {
        _directory = directory;
        _files = files;
        _keys = new SealedFile(Path.Combine(directory, "keys"), "key store", files);
        _pending = new SealedFile(Path.Combine(directory, "pending-join"), "pending join", files);
        _ownKeyPath = Path.Combine(directory, "key-encryption-key");
    }

    public bool HasKeys => _keys.Exists;

    /// <summary>Only the unlock key opens it, and it was not given since the start.</summary>
    public bool IsLocked => _keys.Exists && !_lock.IsLocked && _keys.ReadGeneration() is not null;

    /// <summary>Opens the store with the cluster's unlock key as it was when the store was sealed; false: it is another one, and nothing has changed.</summary>
    public bool TryUnlock(ReadOnlySpan<byte> unlockKey)
    {
        if (_keys.ReadGeneration() is not { } generation || unlockKey.Length != KeyBytes || _keys.TryRead(unlockKey, out _) is not { } content) return false;
        CryptographicOperations.ZeroMemory(content);
        _lock = new ClusterLock(generation, [.. unlockKey]);

        // Left over when the machine stopped while it was being locked.
        EraseOwnKey();
        return true;
    }

    public NodeKeys Load()
    {
        if (IsLocked) throw new KeyStoreException($"{_keys.Path} is locked: 'cluster node unlock' opens it");
        byte[] content = _keys.Read(_lock.IsLocked ? _lock.UnlockKey.AsSpan() : OwnKey());
        try
        {
            return NodeKeysCodec.ToModel(Api.Storage.NodeKeys.Parser.ParseFrom(content));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Under the key that seals it now.</summary>
    public void Save(NodeKeys keys) => Save(keys, _lock);

    /// <summary>Under the lock's unlock key; under a key of this machine when the lock is open.</summary>
    public void Save(NodeKeys keys, ClusterLock sealedBy)
    {
        byte[] content = NodeKeysCodec.ToStored(keys).ToByteArray();
        try
        {
            if (sealedBy.IsLocked)
            {
                KeyFiles.CreateDirectory(_directory);
                _keys.Write(content, sealedBy.UnlockKey.AsSpan(), sealedBy.Generation);
                _lock = sealedBy;
                EraseOwnKey();
            }
            else
            {
                _keys.Write(content, _lock.IsLocked ? NewOwnKey() : OwnKey(), generation: null);
                _lock = sealedBy;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>The key pair of a join that may have reached the cluster, or a new one that is stored before it is used.</summary>
    public ECDsa PendingJoinKey()
    {
        if (_pending.Exists)
        {
            ECDsa stored = ECDsa.Create();
            stored.ImportPkcs8PrivateKey(PendingJoin.Parser.ParseFrom(_pending.Read(OwnKey())).PrivateKeyPkcs8.Span, out _);
            return stored;
        }

        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _pending.Write(new PendingJoin { PrivateKeyPkcs8 = ByteString.CopyFrom(key.ExportPkcs8PrivateKey()) }.ToByteArray(), OwnKey(), generation: null);
        return key;
    }

    /// <summary>Of a machine that is in no cluster nothing stays, nor what sealed the pair.</summary>
    public void ForgetPendingJoin()
    {
        if (HasKeys) _pending.Delete();
        else Clear();
    }

    /// <summary>Forgets the cluster: nothing of it stays.</summary>
    public void Clear()
    {
        _lock = ClusterLock.Open;
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    private byte[] OwnKey()
    {
        if (File.Exists(_ownKeyPath))
        {
            byte[] stored = File.ReadAllBytes(_ownKeyPath);
            return stored.Length == KeyBytes ? stored : throw new KeyStoreException($"{_ownKeyPath} has {stored.Length} bytes, not {KeyBytes}: restore it from a backup");
        }

        if (_keys.Exists) throw new KeyStoreException($"{_ownKeyPath} is missing, and without it {_keys.Path} cannot be opened: restore it from a backup");
        return NewOwnKey();
    }

    private byte[] NewOwnKey()
    {
        KeyFiles.CreateDirectory(_directory);
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        _files.Replace(_ownKeyPath, key);
        return key;
    }

    /// <summary>What is sealed under it is no use any more either.</summary>
    private void EraseOwnKey()
    {
        _pending.Delete();
        _files.Erase(_ownKeyPath);
    }
}
