using System.Security.Cryptography;

namespace Cluster.Raft.Storage;

/// <summary>The data keys that are known: the newest seals, all open. Any thread; a key that was in it stays until it is disposed.</summary>
internal sealed class DataKeyRing : IDisposable
{
    private readonly Lock _lock = new();
    private volatile DataKey[] _keys;

    public DataKeyRing(RaftDataKeys keys) => _keys = [new DataKey(keys.Newest.AsSpan()), .. keys.Older.Select(key => new DataKey(key.AsSpan()))];

    public DataKey Newest => _keys[0];

    /// <summary>The key of a file that has this fingerprint in its header; null when it is not here.</summary>
    public DataKey? Find(ReadOnlySpan<byte> fingerprint)
    {
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(fingerprint, key.Fingerprint))
                return key;
        }

        return null;
    }

    /// <summary>Seals from now on.</summary>
    public void Use(ReadOnlySpan<byte> newest)
    {
        var key = new DataKey(newest);
        lock (_lock)
            _keys = [key, .. _keys];
    }

    public override string ToString() => "***";

    public void Dispose()
    {
        foreach (var key in _keys)
            key.Dispose();
    }
}
