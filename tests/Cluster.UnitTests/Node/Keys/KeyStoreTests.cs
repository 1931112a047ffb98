using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Node.Keys;
using Xunit;

namespace Cluster.UnitTests.Node.Keys;

public sealed class KeyStoreTests : IDisposable
{
    private static readonly ClusterLock First = new(1, [.. Enumerable.Repeat((byte)11, 32)]);
    private static readonly ClusterLock Second = new(2, [.. Enumerable.Repeat((byte)22, 32)]);
    private static readonly ClusterLock OpenAgain = new(3, []);

    private static readonly NodeKeys Before = new()
    {
        ClusterId = new ClusterId(1),
        NodeId = new NodeId(2),
        Role = NodeRole.Manager,
        RootCertificateDer = [1, 2, 3],
        CertificateChainDer = [[4, 5]],
        PrivateKeyPkcs8 = [.. "the private key of a node"u8],
        Managers = ["192.0.2.1:2377"],
        Manager = new ManagerKeys { RaftMemberId = 7, Incarnation = 1, DataKey = [.. Enumerable.Repeat((byte)33, 32)] },
    };

    private static readonly NodeKeys After = Before with
    {
        Manager = Before.Manager! with { DataKey = [.. Enumerable.Repeat((byte)44, 32)], OlderDataKeys = [Before.Manager.DataKey], LockGeneration = 2 },
    };

    private readonly string _directory = Path.Combine(Directory.CreateTempSubdirectory("keys-").FullName, "node");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);

    [Fact]
    public void Opens_by_itself_while_it_is_not_locked()
    {
        new KeyStore(_directory).Save(Before);
        KeyStore again = new(_directory);
        Assert.False(again.IsLocked);
        AssertSame(Before, again.Load());
        Assert.Equal(["key-encryption-key", "keys"], Files());
    }

    [Fact]
    public void Opens_only_with_the_unlock_key_while_it_is_locked()
    {
        KeyStore store = new(_directory);
        store.Save(Before);
        store.Save(After, First);
        Assert.Equal(["keys"], Files());
        AssertSame(After, store.Load());

        KeyStore again = new(_directory);
        Assert.True(again.IsLocked);
        Assert.Throws<KeyStoreException>(again.Load);
        byte[] untouched = File.ReadAllBytes(Path.Combine(_directory, "keys"));
        Assert.False(again.TryUnlock(Second.UnlockKey.AsSpan()));
        Assert.False(again.TryUnlock([1, 2, 3]));
        Assert.True(again.IsLocked);
        Assert.Equal(untouched, File.ReadAllBytes(Path.Combine(_directory, "keys")));

        Assert.True(again.TryUnlock(First.UnlockKey.AsSpan()));
        AssertSame(After, again.Load());

        // What is stored later is sealed as the store is.
        again.Save(Before);
        KeyStore third = new(_directory);
        Assert.False(third.TryUnlock(Second.UnlockKey.AsSpan()));
        Assert.True(third.TryUnlock(First.UnlockKey.AsSpan()));
        AssertSame(Before, third.Load());
    }

    [Fact]
    public void Leaves_nothing_readable_on_the_disk_while_it_is_locked()
    {
        KeyStore store = new(_directory);
        store.PendingJoinKey().Dispose();
        store.Save(Before);
        store.Save(Before, First);
        Assert.All(Directory.GetFiles(_directory), path =>
        {
            ReadOnlySpan<byte> file = File.ReadAllBytes(path);
            Assert.Equal(-1, file.IndexOf(Before.PrivateKeyPkcs8.AsSpan()));
            Assert.Equal(-1, file.IndexOf(First.UnlockKey.AsSpan()[..8]));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        });
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("rotate")]
    [InlineData("open")]
    public void Opens_with_the_old_or_the_new_key_whatever_step_the_machine_stops_in(string change)
    {
        int stops = 0;
        for (int stopAt = 1; ; stopAt++)
        {
            if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
            ClusterLock old = change == "lock" ? ClusterLock.Open : First;
            ClusterLock wanted = change switch { "lock" => First, "rotate" => Second, _ => OpenAgain };
            new KeyStore(_directory).Save(Before, old);

            StoppingKeyFiles files = new(stopAt);
            try
            {
                KeyStore store = new(_directory, files);
                if (old.IsLocked) Assert.True(store.TryUnlock(old.UnlockKey.AsSpan()));
                store.Save(After, wanted);
            }
            catch (MachineStoppedException)
            {
                stops++;
            }

            KeyStore again = new(_directory);
            NodeKeys found = Open(again, old, wanted);
            AssertSame(found.Manager!.LockGeneration == 0 ? Before : After, found);

            // It goes on from there.
            again.Save(After, wanted);
            KeyStore third = new(_directory);
            Assert.Equal(wanted.IsLocked, third.IsLocked);
            AssertSame(After, Open(third, wanted, wanted));
            Assert.Equal(wanted.IsLocked ? ["keys"] : ["key-encryption-key", "keys"], Files());
            if (!files.HasStopped) break;
        }

        Assert.InRange(stops, 3, 12);
    }

    [Fact]
    public void Says_what_is_wrong_with_a_store_of_a_later_format_or_without_its_key()
    {
        new KeyStore(_directory).Save(Before);
        string path = Path.Combine(_directory, "keys");
        byte[] file = File.ReadAllBytes(path);
        file[5] = 9;
        File.WriteAllBytes(path, file);
        Assert.Contains("has format 9; this program reads formats 1 and 2", Assert.Throws<KeyStoreException>(() => new KeyStore(_directory).Load()).Message, StringComparison.Ordinal);

        file[5] = 1;
        File.WriteAllBytes(path, file);
        File.Delete(Path.Combine(_directory, "key-encryption-key"));
        Assert.Contains("is missing", Assert.Throws<KeyStoreException>(() => new KeyStore(_directory).Load()).Message, StringComparison.Ordinal);
    }

    private static NodeKeys Open(KeyStore store, ClusterLock old, ClusterLock wanted)
    {
        if (store.IsLocked) Assert.True(store.TryUnlock(old.UnlockKey.AsSpan()) || store.TryUnlock(wanted.UnlockKey.AsSpan()));
        return store.Load();
    }

    private static void AssertSame(NodeKeys expected, NodeKeys found) => Assert.Equal(NodeKeysCodec.ToStored(expected), NodeKeysCodec.ToStored(found));

    private IReadOnlyList<string> Files() => [.. Directory.GetFiles(_directory).Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(".new", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
