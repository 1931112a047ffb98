using System.Buffers;

namespace Cluster.Raft;

/// <summary>The bytes of entries, on the wire and inside the log's records alike.</summary>
internal static class LogEntryCodec
{
    /// <summary>Index, term, kind, length.</summary>
    public const int HeaderBytes = 8 + 8 + 1 + 4;

    public static void Write(IBufferWriter<byte> buffer, IReadOnlyList<LogEntry> entries)
    {
        buffer.WriteUInt32((uint)entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            buffer.WriteUInt64(entry.Index);
            buffer.WriteUInt64(entry.Term);
            buffer.WriteByte((byte)entry.Kind);
            buffer.WriteUInt32((uint)entry.Data.Length);
            buffer.Write(entry.Data.Span);
        }
    }

    /// <summary>The data refer to <paramref name="source"/>, whose span <paramref name="reader"/> reads.</summary>
    public static LogEntry[] Read(ref WireReader reader, ReadOnlyMemory<byte> source)
    {
        var entries = new LogEntry[reader.ReadCount(HeaderBytes)];
        for (var i = 0; i < entries.Length; i++)
        {
            var (index, term, kind) = (reader.ReadUInt64(), reader.ReadUInt64(), (EntryKind)reader.ReadByte());
            if (kind is not (EntryKind.Empty or EntryKind.Data or EntryKind.Configuration))
                throw new InvalidDataException($"Entry {index}@{term} has the unknown kind {(byte)kind}.");
            if (index == 0 || term == 0)
                throw new InvalidDataException($"There is no entry {index}@{term}.");
            var length = reader.ReadCount(elementBytes: 1);
            var data = source.Slice(source.Length - reader.Remaining, length);
            reader.Take(length);
            if (kind == EntryKind.Configuration)
                Members.MembershipCodec.Decode(data.Span);
            entries[i] = new LogEntry(index, term, kind, data);
        }

        return entries;
    }
}
