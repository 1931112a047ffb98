using Cluster.Manager.Peers;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Raft;
using Cluster.Store;
using Xunit;

namespace Cluster.UnitTests.Manager.Peers;

public sealed class PeerBookTests : IDisposable
{
    private static readonly MemberId One = new(1), Two = new(2);

    private readonly string _directory = Directory.CreateTempSubdirectory("cluster-book-").FullName;
    private readonly PeerAuthority _authority = new(77);
    private readonly RecordedLog _log = new(() => { });

    [Fact]
    public void Knows_after_a_restart_what_it_knew_before()
    {
        PeerBook book = Open();
        book.Heard(One, "10.0.0.1:2377");
        book.Follow([Put(null, Row(2, "[fd00::2]:2377"))]);

        PeerBook again = Open();

        Assert.Equal("10.0.0.1:2377", again.AddressOf(One));
        Assert.Equal("[fd00::2]:2377", again.AddressOf(Two));
    }

    [Fact]
    public void Prefers_what_a_member_says_of_itself_to_a_row_that_says_what_it_said_before()
    {
        PeerBook book = Open();
        NodeRecord row = Row(1, "10.0.0.1:2377");
        book.Follow([Put(null, row)]);
        book.Heard(One, "10.0.0.9:2377");

        book.Follow([Put(row, row with { Spec = new() })]);
        Assert.Equal("10.0.0.9:2377", book.AddressOf(One));

        book.Follow([Put(row, Row(1, "10.0.0.5:2377"))]);
        Assert.Equal("10.0.0.5:2377", book.AddressOf(One));
    }

    [Fact]
    public void Forgets_a_member_whose_row_is_gone_or_names_another()
    {
        PeerBook book = Open();
        book.Follow([Put(null, Row(1, "10.0.0.1:2377")), Put(null, Row(2, "10.0.0.2:2377"))]);

        book.Follow([new Change(Table.Nodes, Row(1, "10.0.0.1:2377"), null), Put(Row(2, "10.0.0.2:2377"), Row(2, "10.0.0.2:2377") with { Manager = null })]);

        Assert.Null(book.AddressOf(One));
        Assert.Null(book.NodeOf(Two));
        Assert.Null(Open().AddressOf(Two));
    }

    [Fact]
    public void Tells_when_a_member_has_moved_or_called()
    {
        PeerBook book = Open();
        List<MemberId> seen = [];
        book.Seen += seen.Add;
        book.Follow([Put(null, Row(1, "10.0.0.1:2377"))]);
        book.Follow([Put(null, Row(1, "10.0.0.1:2377"))]);
        book.Heard(One, "10.0.0.1:2377");

        Assert.Equal([One, One], seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cluster-peers 2 x 1 0000000000000007\n")]
    [InlineData("nonsense")]
    public void Begins_anew_when_the_file_is_not_its_own(string content)
    {
        File.WriteAllText(Path.Combine(_directory, "peers"), content);

        Assert.Null(Open().AddressOf(One));
        Assert.Contains(_log.Lines, line => line.Contains("is not used", StringComparison.Ordinal));
    }

    [Fact]
    public void Begins_anew_when_a_line_is_damaged()
    {
        Open().Heard(One, "10.0.0.1:2377");
        File.AppendAllText(Path.Combine(_directory, "peers"), "zz somewhere\n");

        Assert.Null(Open().AddressOf(One));
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static Change Put(NodeRecord? before, NodeRecord after) => new(Table.Nodes, before, after);

    private static NodeRecord Row(ulong member, string address) => new()
    {
        Id = new NodeId(100 + member),
        Certificate = new NodeCertificate([], [], NodeRole.Manager),
        Manager = new ManagerInfo(member, address),
    };

    private PeerBook Open() => new(new PeerBookFile(
        _directory,
        new PeerOptions
        {
            ClusterId = _authority.ClusterId,
            Incarnation = 1,
            Self = new MemberId(7),
            AdvertiseAddress = "127.0.0.1:1",
            Trust = _authority.Trust,
            Certificate = () => throw new InvalidOperationException("no connection is opened here"),
            Random = new Random(1),
        },
        new Microsoft.Extensions.Logging.Logger<PeerBookFile>(_log)));
}
