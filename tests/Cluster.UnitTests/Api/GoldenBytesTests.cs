using Cluster.Api.Codec;
using Cluster.Model.Ids;
using Cluster.Model.Time;
using Cluster.UnitTests.Model;
using Google.Protobuf;
using Xunit;

namespace Cluster.UnitTests.Api;

/// <summary>
/// The bytes that logs, snapshots and agents already hold. A change here means that older files cannot be read: add a format
/// version instead.
/// </summary>
public sealed class GoldenBytesTests
{
    public static TheoryData<string> Names => [.. GoldenBytes.Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_keep_their_bytes(string name)
    {
        Assert.Equal(GoldenBytes.Rows[name], Convert.ToHexStringLower(RowCodec.ToProto(Samples.Rows[name]).ToByteArray()));
        Assert.Equal(Samples.Rows[name], RowCodec.ToModel(Cluster.Api.Storage.Row.Parser.ParseFrom(Convert.FromHexString(GoldenBytes.Rows[name]))));
    }

    [Fact]
    public void Every_table_has_golden_bytes() => Assert.Equal(Samples.Rows.Keys, GoldenBytes.Rows.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Entries_keep_their_bytes()
    {
        StoreEntry entry = new()
        {
            Incarnation = 1,
            Term = 2,
            Version = 8,
            PreviousVersion = 7,
            Time = new ClusterTime(99),
            Actor = "kernel",
            RequestId = new RequestId(71),
            Puts = [Samples.PortClaim],
            Deletes = [new TaskId(61), Samples.RestartHistory.Key],
        };
        Assert.Equal(GoldenBytes.Entry, Convert.ToHexStringLower(EntryCodec.Encode(entry)));
    }
}
