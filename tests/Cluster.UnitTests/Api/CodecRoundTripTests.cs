using Cluster.Api.Codec;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.UnitTests.Model;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Xunit;

namespace Cluster.UnitTests.Api;

public sealed class CodecRoundTripTests
{
    [Fact]
    public void Keeps_every_row() => ForAll(random =>
    {
        foreach (object row in Rows(random))
        {
            byte[] bytes = RowCodec.ToProto(row).ToByteArray();
            object back = RowCodec.ToModel(Cluster.Api.Storage.Row.Parser.ParseFrom(bytes));
            Assert.Equal(row, back);
            Assert.Equal(bytes, RowCodec.ToProto(back).ToByteArray());
        }
    });

    [Fact]
    public void Keeps_every_key() => ForAll(random =>
    {
        foreach (object key in Keys(random))
        {
            byte[] bytes = RowKeyCodec.ToProto(key).ToByteArray();
            Assert.Equal(key, RowKeyCodec.ToModel(Cluster.Api.Storage.Row.Parser.ParseFrom(bytes)));
        }
    });

    [Fact]
    public void Keeps_entries() => ForAll(random =>
    {
        StoreEntry entry = random.Next<StoreEntryHeader>().ToEntry([.. Rows(random)], [.. Keys(random)]);
        byte[] bytes = EntryCodec.Encode(entry);
        StoreEntry back = EntryCodec.Decode(bytes);
        Assert.Equal(entry, back);
        Assert.Equal(bytes, EntryCodec.Encode(back));
    });

    [Fact]
    public void Keeps_specs_and_statuses() => ForAll(random =>
    {
        Assert.All([random.Next<ServiceSpec>()], spec => Assert.Equal(spec, spec.ToProto().ToModel()));
        Assert.All([random.Next<NodeSpec>()], spec => Assert.Equal(spec, spec.ToProto().ToModel()));
        Assert.All([random.Next<ClusterSpec>()], spec => Assert.Equal(spec, spec.ToProto().ToModel()));
        Assert.All([random.Next<Cluster.Model.Objects.TaskStatus>()], status => Assert.Equal(status, status.ToProto().ToModel()));
    });

    [Fact]
    public void Keeps_assignments_when_the_template_is_known() => ForAll(random =>
    {
        TaskAssignment assignment = random.Next<TaskAssignment>();
        TaskAssignment back = assignment.ToProto().ToModel(id => id == assignment.Template.Id ? assignment.Template : null);
        Assert.Equal(assignment, back);
        Assert.Equal(AssignmentDigest.Of(assignment), AssignmentDigest.Of(back));
    });

    [Fact]
    public void Keeps_the_template_hash() => ForAll(random =>
    {
        ServiceSpec spec = random.Next<ServiceSpec>();
        Assert.Equal(TaskTemplates.IdOf(spec), TaskTemplates.IdOf(spec.ToProto().ToModel()));
        Assert.True(TaskTemplates.IsConsistent(TaskTemplates.From(spec).ToProto().ToModel()));
    });

    [Fact]
    public void Public_cluster_message_holds_no_secret() => ForAll(random =>
    {
        ClusterRecord cluster = random.Next<ClusterRecord>() with { Root = new RootAuthority([1, 2, 3], [.. Enumerable.Repeat((byte)0xAB, 64)]) };
        byte[] bytes = cluster.ToPublicProto().ToByteArray();
        Assert.Equal(-1, bytes.AsSpan().IndexOf(cluster.Root.KeyPkcs8.AsSpan()));
    });

    private static void ForAll(Action<RandomModel> check) =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => check(new RandomModel(seed))).QuickCheckThrowOnFailure();

    private static IEnumerable<object> Rows(RandomModel random) =>
    [
        random.Next<ClusterRecord>(), random.Next<NodeRecord>(), random.Next<ServiceRecord>(), random.Next<TaskTemplate>(),
        random.Next<TaskRecord>(), random.Next<PortClaim>(), random.Next<RestartHistory>(), random.Next<RequestRecord>(),
    ];

    private static IEnumerable<object> Keys(RandomModel random) =>
    [
        random.Next<ClusterId>(), random.Next<NodeId>(), random.Next<ServiceId>(), random.Next<TemplateId>(),
        random.Next<TaskId>(), random.Next<PortClaimKey>(), random.Next<SlotKey>(), random.Next<RequestId>(),
    ];

    private sealed record StoreEntryHeader(
        ulong Incarnation, ulong Term, ulong Version, ulong PreviousVersion, Cluster.Model.Time.ClusterTime Time, string Actor, RequestId RequestId)
    {
        public StoreEntry ToEntry(ValueList<object> puts, ValueList<object> deletes) => new()
        {
            Incarnation = Incarnation,
            Term = Term,
            Version = Version,
            PreviousVersion = PreviousVersion,
            Time = Time,
            Actor = Actor,
            RequestId = RequestId,
            Puts = puts,
            Deletes = deletes,
        };
    }
}
