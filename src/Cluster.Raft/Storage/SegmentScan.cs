using System.Globalization;
using System.Security.Cryptography;

namespace Cluster.Raft.Storage;

/// <summary>Reads a segment from its beginning to its tail, and tells a torn tail from damage.</summary>
internal sealed class SegmentScan
{
    private readonly DataKey _dataKey;

    private SegmentScan(string path, ulong number, DataKey dataKey)
    {
        (Path, Number, _dataKey) = (path, number, dataKey);
        Tail = KnownDurable = FileHeader.Length;
    }

    public string Path { get; }

    public ulong Number { get; }

    /// <summary>Behind the last good record.</summary>
    public long Tail { get; private set; }

    /// <summary>How far the file is known to have been synced.</summary>
    public long KnownDurable { get; private set; }

    public ulong LastNumber { get; private set; }

    public ulong MaxIndex { get; private set; }

    public bool IsSealed { get; private set; }

    /// <summary>Whether something behind the tail was cut.</summary>
    public bool IsTorn { get; private set; }

    /// <param name="path">The file, for complaints.</param>
    /// <param name="number">From its name and header.</param>
    /// <param name="content">All of it; where the file was cut short, zeros.</param>
    /// <param name="isNewest">Only the newest segment may have a torn tail or no seal.</param>
    /// <param name="key">The data key.</param>
    /// <param name="replay">Receives the batches.</param>
    /// <exception cref="RaftStorageException">It is damaged.</exception>
    public static SegmentScan Read(string path, ulong number, ReadOnlySpan<byte> content, bool isNewest, DataKey key, LogReplay replay)
    {
        var scan = new SegmentScan(path, number, key);
        scan.ReadRecords(content, replay);
        if (scan.IsSealed)
            return scan;
        var behind = content[(int)scan.Tail..];
        var isClean = !behind.ContainsAnyExcept((byte)0);
        if (!isNewest)
            throw scan.Damaged(scan.Tail, isClean ? "the segment ends without a seal though a later one exists" : "the record does not check");
        if (isClean)
            return scan;
        if (scan.WasSynced(content))
            throw scan.Damaged(scan.Tail, "the record does not check, and a later one says that it was synced");
        if (!Record.LooksTorn(content, (int)scan.Tail))
            throw scan.Damaged(scan.Tail, "the last record is complete and does not check");
        scan.IsTorn = true;
        return scan;
    }

    private void ReadRecords(ReadOnlySpan<byte> content, LogReplay replay)
    {
        AesGcm? key = null;
        try
        {
            while (Record.TryReadHeader(content[(int)Tail..], out var header) && Record.HasIntactBody(content[(int)Tail..], header))
            {
                if (header.Number != LastNumber + 1 || header.KnownDurable > Tail)
                    throw Damaged(Tail, $"record {header.Number} follows record {LastNumber}");
                var bytes = content[(int)Tail..];
                if (header.Type == RecordType.Epoch && header.PayloadBytes == DataKey.SaltBytes)
                {
                    key?.Dispose();
                    key = _dataKey.DeriveSegmentKey(bytes.Slice(Record.HeaderBytes, DataKey.SaltBytes));
                }

                var payload = Open(bytes, header, key ?? throw Damaged(Tail, "the segment does not begin with its salt"));
                Take(header.Type, payload, replay);
                LastNumber = header.Number;
                KnownDurable = Math.Max(KnownDurable, header.KnownDurable);
                Tail += Record.SizeOf(header.PayloadBytes);
                if (IsSealed)
                    return;
            }
        }
        finally
        {
            key?.Dispose();
        }
    }

    private byte[] Open(ReadOnlySpan<byte> bytes, RecordHeader header, AesGcm key)
    {
        try
        {
            return Record.Open(bytes, header, key);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Damaged(Tail, "the record was changed", e);
        }
    }

    private void Take(RecordType type, byte[] payload, LogReplay replay)
    {
        switch (type)
        {
            case RecordType.Epoch:
                return;
            case RecordType.Seal:
                IsSealed = true;
                return;
            case RecordType.Batch:
                try
                {
                    var batch = BatchCodec.Read(payload);
                    replay.Apply(batch);
                    foreach (var entry in batch.Entries)
                        MaxIndex = Math.Max(MaxIndex, entry.Index);
                }
                catch (InvalidDataException e)
                {
                    throw Damaged(Tail, e.Message, e);
                }

                return;
            default:
                throw new RaftStorageException(
                    $"{Path} at offset {Tail}: unknown record type {(byte)type}; a later program wrote it.", RaftStorageError.UnknownVersion);
        }
    }

    /// <summary>Whether a record behind the tail was written after what lies at the tail had been synced.</summary>
    private bool WasSynced(ReadOnlySpan<byte> content)
    {
        for (var at = (int)Tail + Record.Alignment; at + Record.HeaderBytes <= content.Length; at += Record.Alignment)
        {
            if (Record.TryReadHeader(content[at..], out var header) && header.KnownDurable > Tail && header.KnownDurable <= at)
                return true;
        }

        return false;
    }

    private RaftStorageException Damaged(long offset, string what, Exception? inner = null) => new(
        string.Create(CultureInfo.InvariantCulture, $"{Path} is damaged at offset {offset}: {what}. ") +
        "Acknowledged writes may be lost; remove this member and join it anew, or restore a backup.",
        RaftStorageError.Corrupt,
        inner);
}
