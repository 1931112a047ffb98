using System.Buffers.Binary;
using System.Security.Cryptography;
using Cluster.Api.Codec;
using Cluster.Api.Storage;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Time;
using Cluster.Store.Replication;
using Cluster.Store.Rows;
using Google.Protobuf;

namespace Cluster.Store.Snapshots;

/// <summary>Reads a state back from what <see cref="SnapshotWriter"/> wrote. All or nothing: a state comes out only after the checksum.</summary>
public sealed class SnapshotReader : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Stream _source;
    private byte[] _buffer = new byte[4096];

    private SnapshotReader(Stream source) => _source = source;

    /// <summary>Reads to the end of the stream.</summary>
    /// <exception cref="SnapshotFormatException">Damaged, cut off, longer than it should be, or of an unknown format.</exception>
    /// <exception cref="FeatureLevelException">Whole, and newer than this build.</exception>
    public static StoreSnapshot Read(Stream source, CancellationToken cancellationToken)
    {
        using SnapshotReader reader = new(source);
        try
        {
            return reader.Read(cancellationToken);
        }
        catch (EndOfStreamException e)
        {
            throw new SnapshotFormatException("the snapshot is cut off; take it from another manager", e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or CodecException or InvariantException)
        {
            throw new SnapshotFormatException($"the snapshot is damaged; take it from another manager: {e.Message}", e);
        }
    }

    public void Dispose() => _hash.Dispose();

    private StoreSnapshot Read(CancellationToken cancellationToken)
    {
        if (!Take(SnapshotFormat.Magic.Length).SequenceEqual(SnapshotFormat.Magic)) throw new SnapshotFormatException("this is not a snapshot of Cluster's store");
        SnapshotHeader header = SnapshotHeader.Parser.ParseFrom(TakeMessage());
        if (header.Format != SnapshotFormat.Current)
            throw new SnapshotFormatException($"the snapshot has format {header.Format}, this version reads {SnapshotFormat.Current}: use the version of Cluster that wrote it, or a newer one");

        List<object> rows = [];
        FeatureLevelException? tooNew = null;
        for (ulong i = 0; i < header.Rows; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> row = TakeMessage();
            try
            {
                // The cluster's row, which has the level, comes first: what an older build cannot read is not tried.
                if (tooNew is null) rows.Add(RowCodec.ToModel(Row.Parser.ParseFrom(row)));
            }
            catch (FeatureLevelException e)
            {
                tooNew = e;
            }
        }

        CheckEnd();
        if (tooNew is not null) throw tooNew;
        Tables tables = Load(rows);
        if ((tables.Cluster?.Id.ToString() ?? "") != header.ClusterId) throw new SnapshotFormatException("the snapshot's header names another cluster than its rows");
        return new StoreSnapshot(header.Version, header.Incarnation, new ClusterTime(header.ClusterTimeTicks), tables);
    }

    private static Tables Load(List<object> rows)
    {
        Tables tables = default;
        TaskLoader tasks = new();
        foreach (object row in rows)
        {
            if (row is TaskRecord task) tasks.Add(task);
            else if (EntryRows.Put(ref tables, row) is not null) throw new SnapshotFormatException("the snapshot has a row twice");
        }

        tasks.LoadInto(ref tables);
        return tables;
    }

    private void CheckEnd()
    {
        byte[] expected = _hash.GetHashAndReset();
        byte[] found = new byte[SnapshotFormat.ChecksumBytes];
        _source.ReadExactly(found);
        if (!expected.AsSpan().SequenceEqual(found)) throw new SnapshotFormatException("the snapshot's checksum is wrong; take it from another manager");
        if (_source.ReadByte() >= 0) throw new SnapshotFormatException("the snapshot goes on after its end");
    }

    private ReadOnlySpan<byte> TakeMessage()
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(Take(SnapshotFormat.LengthBytes));
        if (length > SnapshotFormat.MaxMessageBytes) throw new SnapshotFormatException($"the snapshot is damaged: a row of {length} bytes");
        return Take((int)length);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_buffer.Length < count) _buffer = new byte[Math.Max(count, 2 * _buffer.Length)];
        Span<byte> bytes = _buffer.AsSpan(0, count);
        _source.ReadExactly(bytes);
        _hash.AppendData(bytes);
        return bytes;
    }
}
