using System.Net.Security;
using Cluster.Api.V1;
using Cluster.Manager.Peers;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;
using Xunit;
using ManagerInfo = Cluster.Model.Objects.ManagerInfo;
using NodeCertificate = Cluster.Model.Objects.NodeCertificate;
using NodeRole = Cluster.Model.States.NodeRole;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>Who is let in as a member and who is not, over real TLS; each refusal says what is wrong.</summary>
public sealed class PeerAdmissionTests
{
    [Fact]
    public Task Lets_a_manager_in_that_no_row_knows() => CheckAsync(null, null);

    [Fact]
    public async Task Refuses_a_certificate_of_another_cluster()
    {
        using PeerAuthority other = new(78);
        await CheckAsync("was not issued by this cluster's root", certificate: other.Issue(PeerMember.NodeOf(2)));
    }

    [Fact]
    public Task Refuses_a_call_without_a_certificate() => CheckAsync("no certificate was presented", hasCertificate: false);

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task Refuses_a_certificate_that_is_not_valid_now(int days)
    {
        await using PeerGroup group = new(1);
        await group.Members[0].StartAsync();
        await using RawPeer peer = await RawPeer.OpenAsync(group.Members[0].Port, group.Authority.Issue(PeerMember.NodeOf(2), ahead: TimeSpan.FromDays(days)));
        StreamAnswer answer = await peer.AskAsync(HeaderOf(group));
        Assert.Contains("the certificate is valid from", answer.Refusal, StringComparison.Ordinal);
        Assert.Null(group.Members[0].Book.AddressOf(new(2)));
    }

    [Fact]
    public Task Refuses_a_worker() => CheckAsync("is a worker", role: NodeRole.Worker);

    [Fact]
    public Task Refuses_another_cluster() => CheckAsync("is of cluster", header => header.ClusterId = new ClusterId(5).ToString());

    [Fact]
    public Task Refuses_another_incarnation() => CheckAsync("is of incarnation 9 of the cluster, this is incarnation 1", header => header.Incarnation = 9);

    [Fact]
    public Task Refuses_another_version() => CheckAsync("speaks version 2", header => header.ProtocolVersion = 2);

    [Fact]
    public Task Refuses_what_is_meant_for_another() => CheckAsync("this is manager 0000000000000001, not 0000000000000003", header => header.To = 3);

    [Fact]
    public Task Refuses_its_own_id() => CheckAsync("cannot call itself", header => header.From = 1);

    [Fact]
    public Task Refuses_what_is_no_address() => CheckAsync("'nowhere' is no address", header => header.Address = "nowhere");

    [Fact]
    public Task Refuses_a_member_whose_row_names_another_node() =>
        CheckAsync("and the certificate is of node", prepare: member => member.Book.Follow([new Change(Table.Nodes, null, Row(2, new NodeId(5)))]));

    [Fact]
    public Task Refuses_a_member_that_nothing_knows_while_there_is_a_leader() => CheckAsync("takes no part in the cluster", isLeading: true);

    [Fact]
    public Task Lets_a_member_in_that_a_row_knows_while_there_is_a_leader() =>
        CheckAsync(null, isLeading: true, prepare: member => member.Book.Follow([new Change(Table.Nodes, null, Row(2, PeerMember.NodeOf(2)))]));

    [Fact]
    public Task Lets_a_member_in_whose_row_names_its_node() =>
        CheckAsync(null, prepare: member => member.Book.Follow([new Change(Table.Nodes, null, Row(2, PeerMember.NodeOf(2)))]));

    [Fact]
    public async Task Ends_a_stream_that_brings_what_is_no_message()
    {
        await using PeerGroup group = new(1);
        await group.Members[0].StartAsync();
        await using RawPeer peer = await RawPeer.OpenAsync(group.Members[0].Port, group.Authority.Issue(PeerMember.NodeOf(2)));
        Assert.True((await peer.AskAsync(HeaderOf(group))).Accepted);
        await peer.Stream.WriteAsync(new byte[] { 3, 0, 0, 0, 9, 9, 9 });

        StreamAnswer end = await peer.AnswerAsync();

        Assert.Contains("a message of Raft's cannot be read", end.Refusal, StringComparison.Ordinal);
        await group.Members[0].Raft.DescribeAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Refuses_a_header_and_a_message_over_the_limit_before_they_come()
    {
        await using PeerGroup group = new(1);
        await group.Members[0].StartAsync();
        await using RawPeer first = await RawPeer.OpenAsync(group.Members[0].Port, group.Authority.Issue(PeerMember.NodeOf(2)));
        await first.Stream.WriteAsync(new byte[] { 0, 0, 0, 0x40 });
        Assert.Contains("a frame of 1073741824 bytes is announced; the limit is 65536", (await first.AnswerAsync()).Refusal, StringComparison.Ordinal);

        await using RawPeer second = await RawPeer.OpenAsync(group.Members[0].Port, group.Authority.Issue(PeerMember.NodeOf(2)));
        Assert.True((await second.AskAsync(HeaderOf(group))).Accepted);
        await second.Stream.WriteAsync(new byte[] { 0, 0, 0, 0x40 });
        Assert.Contains("a message of 1073741824 bytes is announced; the limit is 33554432", (await second.AnswerAsync()).Refusal, StringComparison.Ordinal);
        await group.Members[0].Raft.DescribeAsync(CancellationToken.None);
    }

    private static async Task CheckAsync(
        string? refusal,
        Action<PeerHeader>? change = null,
        NodeRole role = NodeRole.Manager,
        bool hasCertificate = true,
        SslStreamCertificateContext? certificate = null,
        Action<PeerMember>? prepare = null,
        bool isLeading = false)
    {
        await using PeerGroup group = new(1);
        await group.Members[0].StartAsync(isLeading);
        if (isLeading) await group.LeaderAsync();
        prepare?.Invoke(group.Members[0]);
        await using RawPeer peer = await RawPeer.OpenAsync(group.Members[0].Port, hasCertificate ? certificate ?? group.Authority.Issue(PeerMember.NodeOf(2), role) : null);
        PeerHeader header = HeaderOf(group);
        change?.Invoke(header);

        StreamAnswer answer = await peer.AskAsync(header);

        Assert.Equal(refusal is null, answer.Accepted);
        Assert.Contains(refusal ?? "", answer.Refusal, StringComparison.Ordinal);
        Assert.Equal(refusal is null ? header.Address : null, group.Members[0].Book.AddressOf(new(refusal is null ? header.From : 3)));
    }

    private static PeerHeader HeaderOf(PeerGroup group) => new()
    {
        ProtocolVersion = PeerHeaders.ProtocolVersion,
        ClusterId = group.Authority.ClusterId.ToString(),
        Incarnation = 1,
        From = 2,
        To = 1,
        Address = "127.0.0.1:9",
    };

    private static NodeRecord Row(ulong member, NodeId node) => new()
    {
        Id = node,
        Certificate = new NodeCertificate([], [], NodeRole.Manager),
        Manager = new ManagerInfo(member, "127.0.0.1:8"),
    };
}
