using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Xunit;

namespace Cluster.UnitTests.Raft;

public sealed class RaftMessageCodecTests
{
    private static readonly MemberId From = new(1);
    private static readonly MemberId To = new(ulong.MaxValue);

    public static TheoryData<RaftMessage> Messages =>
    [
        new VoteRequest(From, To, 3, new LogPosition(4, 2), IsPreVote: true, IsTransfer: false),
        new VoteResponse(From, To, 3, IsPreVote: false, Granted: true),
        new AppendRequest(From, To, 3, new LogPosition(4, 2), [], 9),
        new AppendRequest(From, To, 3, new LogPosition(4, 2), [Entry(5, 2, 0), Entry(6, 3, 1_000)], 9),
        new AppendResponse(From, To, 3, Accepted: false, 7, new LogPosition(4, 2)),
        new CommitNotice(From, To, 3, new LogPosition(4, 2), 9),
        new Heartbeat(From, To, 3, 8, 9),
        new HeartbeatResponse(From, To, 3, 9),
        new InstallSnapshot(From, To, 3, new SnapshotMetadata(new LogPosition(4, 2), Membership.OfVoters(From, To))),
        new TimeoutNow(From, To, 3),
        new ReadIndexRequest(From, To, 3, 77),
        new ReadIndexResponse(From, To, 3, 77, Confirmed: true, 12),
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Reads_back_what_was_written(RaftMessage message)
    {
        var bytes = RaftMessageCodec.Encode(message);
        var read = RaftMessageCodec.Decode(bytes);

        Assert.Equal(message.GetType(), read.GetType());
        Assert.Equal(bytes, RaftMessageCodec.Encode(read));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Refuses_what_is_cut_short_or_too_long(RaftMessage message)
    {
        var bytes = RaftMessageCodec.Encode(message);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidDataException>(() => RaftMessageCodec.Decode(bytes.AsMemory(0, length)));
        Assert.Throws<InvalidDataException>(() => RaftMessageCodec.Decode(new byte[bytes.Length + 1]));
        Assert.Throws<InvalidDataException>(() => RaftMessageCodec.Decode((byte[])[.. bytes, 0]));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Survives_any_bytes(RaftMessage message)
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var bytes = RaftMessageCodec.Encode(message);
            for (var i = random.Next(1, 5); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                RaftMessageCodec.Decode(bytes);
            }
            catch (InvalidDataException)
            {
                // The only way to refuse.
            }
        }
    }

    [Fact]
    public void Refuses_a_later_version_with_both_numbers()
    {
        var bytes = RaftMessageCodec.Encode(new TimeoutNow(From, To, 3));
        bytes[0] = 9;

        var e = Assert.Throws<InvalidDataException>(() => RaftMessageCodec.Decode(bytes));
        Assert.Contains("version 9", e.Message, StringComparison.Ordinal);
        Assert.Contains("version 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_entries_that_do_not_follow_each_other()
    {
        AppendRequest[] bad =
        [
            new(From, To, 3, new LogPosition(4, 2), [Entry(6, 2, 0)], 9),
            new(From, To, 3, new LogPosition(4, 2), [Entry(5, 1, 0)], 9),
            new(From, To, 3, new LogPosition(4, 2), [Entry(5, 4, 0)], 9),
        ];

        Assert.All(bad, m => Assert.Throws<InvalidDataException>(() => RaftMessageCodec.Decode(RaftMessageCodec.Encode(m))));
    }

    private static LogEntry Entry(ulong index, ulong term, int bytes) => new(index, term, EntryKind.Data, new byte[bytes]);
}
