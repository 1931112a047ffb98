using Cluster.Manager.Peers;
using Cluster.Raft;
using Cluster.Raft.Messages;
using Xunit;

namespace Cluster.UnitTests.Manager.Peers;

public sealed class MessageReaderTests
{
    private static readonly RaftMessage[] Messages =
    [
        new Heartbeat(new(1), new(2), 3, 4, 5),
        new AppendRequest(new(1), new(2), 3, new LogPosition(7, 2), [new LogEntry(8, 3, EntryKind.Data, new byte[300])], 6),
        new TimeoutNow(new(1), new(2), 3),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Reads_what_was_written_in_pieces_of_any_length(int pieceBytes)
    {
        MessageWriter writer = new();
        foreach (RaftMessage message in Messages) writer.Add(message);
        MessageReader reader = new(1 << 20);
        List<RaftMessage> read = [];

        foreach (byte[] piece in writer.Written.ToArray().Chunk(pieceBytes)) reader.Read(piece, read);

        Assert.Equal(Messages.Select(RaftMessageCodec.Encode), read.Select(RaftMessageCodec.Encode));
    }

    [Fact]
    public void Refuses_a_length_over_the_limit_before_it_makes_room()
    {
        Assert.Throws<InvalidDataException>(() => new MessageReader(100).Read(new byte[] { 101, 0, 0, 0 }, []));
        Assert.Throws<InvalidDataException>(() => new MessageReader(100).Read(new byte[] { 255, 255, 255, 255 }, []));
        Assert.Throws<InvalidDataException>(() => new MessageReader(100).Read(new byte[] { 0, 0, 0, 0 }, []));
    }

    [Fact]
    public void Writes_again_after_it_was_cleared()
    {
        MessageWriter writer = new();
        writer.Add(Messages[1]);
        writer.Clear();
        writer.Add(Messages[0]);
        List<RaftMessage> read = [];

        new MessageReader(1 << 20).Read(writer.Written.ToArray(), read);

        Assert.Equal(Messages[0], Assert.Single(read));
    }

    [Fact]
    public void Has_the_checksum_of_the_standard() => Assert.Equal(0xE3069283u, ChunkChecksum.Of("123456789"u8));
}
