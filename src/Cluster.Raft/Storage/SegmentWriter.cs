using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Raft.Storage;

/// <summary>
/// The segment that is being written. Records gather in memory and go out in one write before a sync. A record's number is its nonce, so each opening
/// begins with a fresh key.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private const int FlushBytes = 4 << 20;
    private static readonly int SealBytes = Record.SizeOf(0);

    private readonly DiskFiles _disk;
    private readonly SafeFileHandle _file;
    private readonly AesGcm _key;
    private readonly long _length;
    private byte[] _buffer = new byte[64 << 10];
    private int _buffered;
    private long _written;
    private long _durable;
    private ulong _lastNumber;

    private SegmentWriter(DiskFiles disk, SafeFileHandle file, string path, ulong number, long length, long tail, ulong lastNumber, DataKey key)
    {
        (_disk, _file, Path, Number, _length, _written, _durable, _lastNumber) = (disk, file, path, number, length, tail, tail, lastNumber);
        DataKey = key;
        var salt = RandomNumberGenerator.GetBytes(Storage.DataKey.SaltBytes);
        _key = key.DeriveSegmentKey(salt);
        Append(RecordType.Epoch, salt);
    }

    public string Path { get; }

    public ulong Number { get; }

    /// <summary>What all of it is sealed under; its header says so.</summary>
    public DataKey DataKey { get; }

    /// <summary>The highest entry in it.</summary>
    public ulong MaxIndex { get; set; }

    private long End => _written + _buffered;

    /// <summary>Puts a new segment in place: complete with its first records, synced, and known to the directory.</summary>
    public static SegmentWriter Create(DiskFiles disk, StoragePaths paths, ulong number, StorageIdentity identity, DataKey key, long length, ReadOnlySpan<byte> head)
    {
        var path = paths.Segment(number);
        var unfinished = path + StoragePaths.Unfinished;
        length = Math.Max(length, FileHeader.Length + Record.SizeOf(Storage.DataKey.SaltBytes) + Record.SizeOf(head.Length) + SealBytes);
        var file = disk.Create(unfinished);
        try
        {
            disk.Allocate(file, length, unfinished);
            Span<byte> header = stackalloc byte[FileHeader.Length];
            FileHeader.Write(header, FileHeader.SegmentMagic, identity, number, key);
            disk.Write(file, header, 0);
            var writer = new SegmentWriter(disk, file, path, number, length, FileHeader.Length, 0, key);
            writer.Append(RecordType.Batch, head);
            writer.Flush();
            disk.Sync(file, unfinished);
            disk.Rename(unfinished, path);
            disk.SyncDirectory(paths.Directory);
            writer._durable = writer._written;
            return writer;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Goes on behind the tail of a segment. What the last process wrote and may not have synced is written again, and what lies behind the tail is
    /// zeroed, all synced before anything can be built on it.
    /// </summary>
    public static SegmentWriter Reopen(DiskFiles disk, SegmentScan scan, ReadOnlySpan<byte> content, DataKey key)
    {
        var file = File.OpenHandle(scan.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            // A new epoch and the seal must fit, however full it was when the last process ended.
            var length = Math.Max(content.Length, scan.Tail + Record.SizeOf(Storage.DataKey.SaltBytes) + SealBytes);
            if (RandomAccess.GetLength(file) < length)
                disk.Allocate(file, length, scan.Path);
            disk.Write(file, content[(int)scan.KnownDurable..(int)scan.Tail], scan.KnownDurable);
            ZeroBehind(disk, file, content, (int)scan.Tail);
            disk.Sync(file, scan.Path);
            return new SegmentWriter(disk, file, scan.Path, scan.Number, length, scan.Tail, scan.LastNumber, key) { MaxIndex = scan.MaxIndex };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether a record of this payload fits, and the seal behind it.</summary>
    public bool Fits(int payloadBytes) => End + Record.SizeOf(payloadBytes) + SealBytes <= _length;

    public void Append(RecordType type, ReadOnlySpan<byte> payload)
    {
        var size = Record.SizeOf(payload.Length);
        Invariant.Check(End + size <= _length);
        if (_buffered > 0 && _buffered + size > FlushBytes)
            Flush();
        if (_buffered + size > _buffer.Length)
            Array.Resize(ref _buffer, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_buffered + size)));
        var target = _buffer.AsSpan(_buffered, size);
        target.Clear();
        Record.Write(target, type, payload, new RecordHeader(type, payload.Length, _durable, ++_lastNumber), _key);
        _buffered += size;
    }

    public void Sync()
    {
        Flush();
        _disk.DataSync(_file, Path);
        _durable = _written;
    }

    public void Seal()
    {
        Append(RecordType.Seal, []);
        Sync();
    }

    public void Dispose()
    {
        _key.Dispose();
        _file.Dispose();
    }

    private static void ZeroBehind(DiskFiles disk, SafeFileHandle file, ReadOnlySpan<byte> content, int tail)
    {
        const int Block = 4096;
        var zeros = ArrayPool<byte>.Shared.Rent(Block);
        zeros.AsSpan(0, Block).Clear();
        for (var from = tail; from < content.Length;)
        {
            var to = Math.Min(content.Length, ((from / Block) + 1) * Block);
            if (content[from..to].ContainsAnyExcept((byte)0))
                disk.Write(file, zeros.AsSpan(0, to - from), from);
            from = to;
        }

        ArrayPool<byte>.Shared.Return(zeros);
    }

    private void Flush()
    {
        if (_buffered == 0)
            return;
        _disk.Write(_file, _buffer.AsSpan(0, _buffered), _written);
        _written += _buffered;
        _buffered = 0;
    }
}
