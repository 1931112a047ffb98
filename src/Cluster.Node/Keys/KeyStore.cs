using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Api.Storage;
using Cluster.Model.Ids;
using Cluster.Model.States;
using Google.Protobuf;
using V1 = Cluster.Api.V1;

namespace Cluster.Node.Keys;

/// <summary>
/// The node's keys on disk, in <c>&lt;state&gt;/node</c>: the keys sealed under a key-encryption key, which stands beside them in a file of
/// its own (with autolock it will not). One writer: the node's life cycle, which is serialised.
/// </summary>
internal sealed class KeyStore
{
    private const int KeyBytes = 32;

    private readonly string _directory;
    private readonly SealedFile _keys;
    private readonly SealedFile _pending;
    private readonly string _keyEncryptionKeyPath;

    public KeyStore(string directory)
    {
        _directory = directory;
        _keys = new SealedFile(Path.Combine(directory, "keys"), "key store");
        _pending = new SealedFile(Path.Combine(directory, "pending-join"), "pending join");
        _keyEncryptionKeyPath = Path.Combine(directory, "key-encryption-key");
    }

    public bool HasKeys => _keys.Exists;

    public NodeKeys Load()
    {
        byte[] content = _keys.Read(KeyEncryptionKey());
        try
        {
            return FromStored(Api.Storage.NodeKeys.Parser.ParseFrom(content));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    public void Save(NodeKeys keys)
    {
        byte[] content = ToStored(keys).ToByteArray();
        _keys.Write(content, KeyEncryptionKey());
        CryptographicOperations.ZeroMemory(content);
    }

    /// <summary>The key pair of a join that may have reached the cluster, or a new one that is stored before it is used.</summary>
    public ECDsa PendingJoinKey()
    {
        if (_pending.Exists)
        {
            ECDsa stored = ECDsa.Create();
            stored.ImportPkcs8PrivateKey(PendingJoin.Parser.ParseFrom(_pending.Read(KeyEncryptionKey())).PrivateKeyPkcs8.Span, out _);
            return stored;
        }

        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _pending.Write(new PendingJoin { PrivateKeyPkcs8 = ByteString.CopyFrom(key.ExportPkcs8PrivateKey()) }.ToByteArray(), KeyEncryptionKey());
        return key;
    }

    public void ForgetPendingJoin() => _pending.Delete();

    /// <summary>Forgets the cluster: nothing of it stays.</summary>
    public void Clear()
    {
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    private byte[] KeyEncryptionKey()
    {
        if (File.Exists(_keyEncryptionKeyPath))
        {
            byte[] stored = File.ReadAllBytes(_keyEncryptionKeyPath);
            return stored.Length == KeyBytes ? stored : throw new KeyStoreException($"{_keyEncryptionKeyPath} has {stored.Length} bytes, not {KeyBytes}: restore it from a backup");
        }

        if (_keys.Exists) throw new KeyStoreException($"{_keyEncryptionKeyPath} is missing, and without it {_keys.Path} cannot be opened: restore it from a backup");
        PrivateFile.CreateDirectory(_directory);
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        PrivateFile.Replace(_keyEncryptionKeyPath, key);
        return key;
    }

    private static Api.Storage.NodeKeys ToStored(NodeKeys keys)
    {
        Api.Storage.NodeKeys stored = new()
        {
            ClusterId = keys.ClusterId.ToString(),
            NodeId = keys.NodeId.ToString(),
            Role = keys.Role == NodeRole.Manager ? V1.NodeRole.Manager : V1.NodeRole.Worker,
            RootCertificateDer = ByteString.CopyFrom(keys.RootCertificateDer.AsSpan()),
            PrivateKeyPkcs8 = ByteString.CopyFrom(keys.PrivateKeyPkcs8.AsSpan()),
            ListenAddress = keys.ListenAddress,
            AdvertiseAddress = keys.AdvertiseAddress,
        };
        stored.CertificateChainDer.Add(keys.CertificateChainDer.Select(der => ByteString.CopyFrom(der.AsSpan())));
        stored.Managers.Add(keys.Managers);
        if (keys.Manager is { } manager)
        {
            stored.RaftMemberId = manager.RaftMemberId;
            stored.Incarnation = manager.Incarnation;
            stored.RaftDataKey = ByteString.CopyFrom(manager.DataKey.AsSpan());
        }

        return stored;
    }

    private static NodeKeys FromStored(Api.Storage.NodeKeys stored) => new()
    {
        ClusterId = ClusterId.Parse(stored.ClusterId),
        NodeId = NodeId.Parse(stored.NodeId),
        Role = stored.Role == V1.NodeRole.Manager ? NodeRole.Manager : NodeRole.Worker,
        RootCertificateDer = [.. stored.RootCertificateDer.Span],
        CertificateChainDer = [.. stored.CertificateChainDer.Select(der => ImmutableArray.Create(der.Span))],
        PrivateKeyPkcs8 = [.. stored.PrivateKeyPkcs8.Span],
        Managers = [.. stored.Managers],
        ListenAddress = stored.ListenAddress,
        AdvertiseAddress = stored.AdvertiseAddress,
        Manager = stored.Role != V1.NodeRole.Manager ? null : new ManagerKeys
        {
            RaftMemberId = stored.RaftMemberId,
            Incarnation = stored.Incarnation,
            DataKey = [.. stored.RaftDataKey.Span],
        },
    };
}
