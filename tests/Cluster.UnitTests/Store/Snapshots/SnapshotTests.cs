using Cluster.Api.Storage;
using Cluster.Model.Objects;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Store.Snapshots;
using Cluster.Testing.Store;
using Google.Protobuf;
using Xunit;

namespace Cluster.UnitTests.Store.Snapshots;

public sealed class SnapshotTests
{
    private static StoreSnapshot Random(int seed, int transactions = 30)
    {
        Random random = new(seed);
        StoreWorkload workload = new(random);
        StoreSnapshot snapshot = StoreSnapshot.Empty;
        for (int i = 0; i < transactions; i++)
        {
            WorkingTransaction transaction = new(snapshot, new ClusterTime(i + 1));
            workload.Change(transaction, random.Next(1, 20));
            transaction.Put(StoreRows.Request((ulong)i + 1, i));
            snapshot = transaction.Seal();
        }

        return snapshot;
    }

    private static byte[] Written(StoreSnapshot snapshot)
    {
        using MemoryStream stream = new();
        SnapshotWriter.Write(snapshot, stream, CancellationToken.None);
        return stream.ToArray();
    }

    private static StoreSnapshot Read(byte[] bytes) => SnapshotReader.Read(new MemoryStream(bytes), CancellationToken.None);

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Comes_back_equal_and_with_equal_bytes(int seed)
    {
        StoreSnapshot snapshot = Random(seed);
        byte[] bytes = Written(snapshot);
        StoreSnapshot loaded = Read(bytes);

        Assert.Equal(bytes, Written(loaded));
        Assert.Equal((snapshot.Version, snapshot.Incarnation, snapshot.Time), (loaded.Version, loaded.Incarnation, loaded.Time));
        Assert.Equal(snapshot.Tasks, loaded.Tasks);
        Assert.Equal(snapshot.Services, loaded.Services);
        Assert.Equal(snapshot.Nodes, loaded.Nodes);
        foreach (TaskRecord task in snapshot.Tasks)
        {
            Assert.Equal(snapshot.TasksOfService(task.ServiceId), loaded.TasksOfService(task.ServiceId));
            Assert.Equal(snapshot.TasksOfNode(task.NodeId), loaded.TasksOfNode(task.NodeId));
            Assert.Equal(snapshot.IsTemplateUsed(task.Template), loaded.IsTemplateUsed(task.Template));
        }
    }

    [Fact]
    public void Carries_an_empty_store() => Assert.Equal(0ul, Read(Written(StoreSnapshot.Empty)).Version);

    [Fact]
    public void Ends_with_the_digest_of_the_state()
    {
        StoreSnapshot snapshot = Random(33);
        Assert.Equal(SnapshotWriter.Digest(snapshot), Written(snapshot)[^32..]);
        Assert.NotEqual(SnapshotWriter.Digest(snapshot), SnapshotWriter.Digest(Random(34)));
    }

    [Fact]
    public void Is_refused_wherever_it_is_cut_off()
    {
        byte[] bytes = Written(Random(35, 4));
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<SnapshotFormatException>(() => Read(bytes[..length]));
        Assert.Throws<SnapshotFormatException>(() => Read([.. bytes, 0]));
    }

    [Fact]
    public void Is_refused_wherever_a_bit_is_turned()
    {
        byte[] bytes = Written(Random(36, 4));
        Random random = new(36);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= (byte)(1 << random.Next(8));
            Assert.Throws<SnapshotFormatException>(() => Read(damaged));
        }
    }

    [Fact]
    public void Is_refused_with_the_number_of_an_unknown_format()
    {
        byte[] bytes = Written(StoreSnapshot.Empty);
        int length = BitConverter.ToInt32(bytes, 8);
        SnapshotHeader header = SnapshotHeader.Parser.ParseFrom(bytes, 12, length);
        header.Format = 77;
        byte[] changed = header.ToByteArray();
        byte[] other = [.. bytes[..8], .. BitConverter.GetBytes(changed.Length), .. changed, .. bytes[(12 + length)..]];
        Assert.Contains("format 77", Assert.Throws<SnapshotFormatException>(() => Read(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stops_when_cancelled()
    {
        StoreSnapshot snapshot = Random(37, 2);
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => SnapshotWriter.Write(snapshot, Stream.Null, source.Token));
    }
}
