using System.Buffers;

namespace Cluster.Raft.Storage;

/// <summary>The payload of a batch record: hard state, mark and entries, each optional.</summary>
internal static class BatchCodec
{
    private const byte HasHardState = 1;
    private const byte HasMark = 2;

    public static void Write(IBufferWriter<byte> buffer, HardState? hardState, SnapshotMark? mark, IReadOnlyList<LogEntry> entries)
    {
        buffer.WriteByte((byte)((hardState is null ? 0 : HasHardState) | (mark is null ? 0 : HasMark)));
        if (hardState is { } state)
        {
            buffer.WriteUInt64(state.Term);
            buffer.WriteUInt64(state.VotedFor.Value);
            buffer.WriteUInt64(state.Commit);
        }

        if (mark is { } m)
        {
            buffer.WritePosition(m.Position);
            buffer.WriteUInt64(m.CompactThrough);
            buffer.WriteBoolean(m.ResetsLog);
        }

        LogEntryCodec.Write(buffer, entries);
    }

    /// <exception cref="InvalidDataException">Not a batch.</exception>
    public static PersistBatch Read(ReadOnlyMemory<byte> payload)
    {
        var reader = new WireReader(payload.Span);
        var parts = reader.ReadByte();
        HardState? hardState = null;
        if ((parts & HasHardState) != 0)
            hardState = new HardState(reader.ReadUInt64(), new MemberId(reader.ReadUInt64()), reader.ReadUInt64());
        SnapshotMark? mark = null;
        if ((parts & HasMark) != 0)
            mark = new SnapshotMark(reader.ReadPosition(), reader.ReadUInt64(), reader.ReadBoolean());
        var entries = LogEntryCodec.Read(ref reader, payload);
        reader.ExpectEnd();
        return new PersistBatch(0, hardState, mark, entries);
    }
}
