using System.Buffers;
using Cluster.Raft.Members;

namespace Cluster.Raft.Messages;

/// <summary>
/// The bytes of messages. A transport carries them in frames of its own and bounds the frames' size; framing, identity and checksums are its matter.
/// </summary>
public static class RaftMessageCodec
{
    private const byte Version = 1;

    public static byte[] Encode(RaftMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Encode(message, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Encode(RaftMessage message, IBufferWriter<byte> buffer)
    {
        buffer.WriteByte(Version);
        buffer.WriteByte((byte)KindOf(message));
        buffer.WriteUInt64(message.From.Value);
        buffer.WriteUInt64(message.To.Value);
        buffer.WriteUInt64(message.Term);
        switch (message)
        {
            case VoteRequest m:
                buffer.WritePosition(m.Last);
                buffer.WriteBoolean(m.IsPreVote);
                buffer.WriteBoolean(m.IsTransfer);
                break;
            case VoteResponse m:
                buffer.WriteBoolean(m.IsPreVote);
                buffer.WriteBoolean(m.Granted);
                break;
            case AppendRequest m:
                buffer.WritePosition(m.Previous);
                buffer.WriteUInt64(m.Commit);
                LogEntryCodec.Write(buffer, m.Entries);
                break;
            case AppendResponse m:
                buffer.WriteBoolean(m.Accepted);
                buffer.WriteUInt64(m.Index);
                buffer.WritePosition(m.Hint);
                break;
            case CommitNotice m:
                buffer.WritePosition(m.Sent);
                buffer.WriteUInt64(m.Commit);
                break;
            case Heartbeat m:
                buffer.WriteUInt64(m.Commit);
                buffer.WriteUInt64(m.Round);
                break;
            case HeartbeatResponse m:
                buffer.WriteUInt64(m.Round);
                break;
            case InstallSnapshot m:
                buffer.WritePosition(m.Snapshot.Position);
                MembershipCodec.Write(buffer, m.Snapshot.Membership);
                break;
            case ReadIndexRequest m:
                buffer.WriteUInt64(m.Request);
                break;
            case ReadIndexResponse m:
                buffer.WriteUInt64(m.Request);
                buffer.WriteBoolean(m.Confirmed);
                buffer.WriteUInt64(m.Index);
                break;
        }
    }

    /// <summary>The entries' data refer to <paramref name="bytes"/>, which must not change afterwards.</summary>
    /// <exception cref="InvalidDataException">Not a message, or of a later version.</exception>
    public static RaftMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new WireReader(bytes.Span);
        var version = reader.ReadByte();
        if (version != Version)
            throw new InvalidDataException($"The Raft message has format version {version}; this program knows version {Version}.");
        var kind = (RaftMessageKind)reader.ReadByte();
        var (from, to, term) = (new MemberId(reader.ReadUInt64()), new MemberId(reader.ReadUInt64()), reader.ReadUInt64());
        RaftMessage message = kind switch
        {
            RaftMessageKind.VoteRequest => new VoteRequest(from, to, term, reader.ReadPosition(), reader.ReadBoolean(), reader.ReadBoolean()),
            RaftMessageKind.VoteResponse => new VoteResponse(from, to, term, reader.ReadBoolean(), reader.ReadBoolean()),
            RaftMessageKind.AppendRequest => ReadAppend(from, to, term, ref reader, bytes),
            RaftMessageKind.AppendResponse =>
                new AppendResponse(from, to, term, reader.ReadBoolean(), reader.ReadUInt64(), reader.ReadPosition()),
            RaftMessageKind.CommitNotice => new CommitNotice(from, to, term, reader.ReadPosition(), reader.ReadUInt64()),
            RaftMessageKind.Heartbeat => new Heartbeat(from, to, term, reader.ReadUInt64(), reader.ReadUInt64()),
            RaftMessageKind.HeartbeatResponse => new HeartbeatResponse(from, to, term, reader.ReadUInt64()),
            RaftMessageKind.InstallSnapshot =>
                new InstallSnapshot(from, to, term, new SnapshotMetadata(reader.ReadPosition(), MembershipCodec.Read(ref reader))),
            RaftMessageKind.TimeoutNow => new TimeoutNow(from, to, term),
            RaftMessageKind.ReadIndexRequest => new ReadIndexRequest(from, to, term, reader.ReadUInt64()),
            RaftMessageKind.ReadIndexResponse =>
                new ReadIndexResponse(from, to, term, reader.ReadUInt64(), reader.ReadBoolean(), reader.ReadUInt64()),
            _ => throw new InvalidDataException($"Unknown Raft message kind {(byte)kind}."),
        };
        reader.ExpectEnd();
        return message;
    }

    private static AppendRequest ReadAppend(MemberId from, MemberId to, ulong term, ref WireReader reader, ReadOnlyMemory<byte> bytes)
    {
        var previous = reader.ReadPosition();
        var commit = reader.ReadUInt64();
        var entries = LogEntryCodec.Read(ref reader, bytes);
        var (index, lastTerm) = (previous.Index, previous.Term);
        foreach (var entry in entries)
        {
            if (entry.Index != ++index || entry.Term < lastTerm || entry.Term > term)
                throw new InvalidDataException($"Entry {entry.Position} does not follow {index - 1}@{lastTerm} in an append of term {term}.");
            lastTerm = entry.Term;
        }

        return new AppendRequest(from, to, term, previous, entries, commit);
    }

    private static RaftMessageKind KindOf(RaftMessage message) => message switch
    {
        VoteRequest => RaftMessageKind.VoteRequest,
        VoteResponse => RaftMessageKind.VoteResponse,
        AppendRequest => RaftMessageKind.AppendRequest,
        AppendResponse => RaftMessageKind.AppendResponse,
        CommitNotice => RaftMessageKind.CommitNotice,
        Heartbeat => RaftMessageKind.Heartbeat,
        HeartbeatResponse => RaftMessageKind.HeartbeatResponse,
        InstallSnapshot => RaftMessageKind.InstallSnapshot,
        TimeoutNow => RaftMessageKind.TimeoutNow,
        ReadIndexRequest => RaftMessageKind.ReadIndexRequest,
        ReadIndexResponse => RaftMessageKind.ReadIndexResponse,
        _ => throw new ArgumentException($"Unknown message {message.GetType().Name}.", nameof(message)),
    };
}
