using System.Buffers;

namespace Cluster.Raft.Storage;

/// <summary>
/// The log and snapshots in a directory; see the README beside this file. One writer calls <see cref="Append"/> and <see cref="Sync"/>; the snapshot
/// methods may be called from any thread.
/// </summary>
public sealed partial class FileRaftStorage : IRaftStorage
{
    private const long ChunkBytes = 1 << 20;

    private readonly DiskFiles _disk;
    private readonly StoragePaths _paths;
    private readonly StorageIdentity _identity;
    private readonly DataKeyRing _keys;
    private readonly Lock _beginningFile = new();
    private readonly FileRaftStorageOptions _options;
    private readonly FileStream _lock;
    private readonly Queue<(ulong Number, string Path, ulong MaxIndex)> _closed = new();
    private readonly ArrayBufferWriter<byte> _payload = new();
    private SegmentWriter? _segment;
    private HardState _hardState;
    private SnapshotMark? _mark;
    private bool _markIsNew;
    private volatile bool _hasFailed;

    private FileRaftStorage(DiskFiles disk, StoragePaths paths, StorageIdentity identity, DataKeyRing keys, FileRaftStorageOptions options, FileStream @lock)
    {
        (_disk, _paths, _identity, _keys, _options, _lock) = (disk, paths, identity, keys, options, @lock);
        Recovered = RecoveredLog.Empty;
    }

    public RecoveredLog Recovered { get; private set; }

    public bool HasFailed => _hasFailed;

    /// <summary>Whether opening cut a torn tail: the last process died while it wrote.</summary>
    public bool HadTornTail { get; private set; }

    /// <summary>Opens or creates the storage of one member. It is locked until it is disposed.</summary>
    /// <param name="directory">Its own; created when missing.</param>
    /// <param name="identity">Must be what the files say.</param>
    /// <param name="keys">All that any of the files may be sealed under.</param>
    /// <param name="options">Sizes.</param>
    /// <exception cref="RaftStorageException">Another process has it, it is someone else's, or it is damaged.</exception>
    public static FileRaftStorage Open(string directory, StorageIdentity identity, RaftDataKeys keys, FileRaftStorageOptions options) =>
        Open(directory, identity, keys, options, new DiskFiles());

    /// <summary>With one key that was never changed.</summary>
    public static FileRaftStorage Open(string directory, StorageIdentity identity, ReadOnlySpan<byte> dataKey, FileRaftStorageOptions options) =>
        Open(directory, identity, new RaftDataKeys([.. dataKey], []), options);

    internal static FileRaftStorage Open(
        string directory, StorageIdentity identity, ReadOnlySpan<byte> dataKey, FileRaftStorageOptions options, DiskFiles disk) =>
        Open(directory, identity, new RaftDataKeys([.. dataKey], []), options, disk);

    internal static FileRaftStorage Open(string directory, StorageIdentity identity, RaftDataKeys keys, FileRaftStorageOptions options, DiskFiles disk)
    {
        var paths = new StoragePaths(Path.GetFullPath(directory));
        var ring = new DataKeyRing(keys);
        FileRaftStorage? storage = null;
        try
        {
            Directory.CreateDirectory(paths.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            storage = new FileRaftStorage(disk, paths, identity, ring, options, TakeLock(paths));
            storage.Recover();
            return storage;
        }
        catch (Exception e)
        {
            storage?.Dispose();
            ring.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw DiskFiles.Classify(e, paths.Directory);
            throw;
        }
    }

    public void Append(PersistBatch batch) => Guard(() =>
    {
        // A mark that outlives its snapshot would leave a log that cannot be opened.
        if (batch.Snapshot is { } wanted && !File.Exists(_paths.Snapshot(wanted.Position)))
            throw new RaftStorageException($"{_paths.Snapshot(wanted.Position)} is missing and cannot be the log's beginning.", RaftStorageError.Corrupt);
        var entries = batch.Entries;
        for (var (from, isFirst) = (0, true); isFirst || from < entries.Count; isFirst = false)
        {
            var count = CountOfChunk(entries, from);
            _payload.ResetWrittenCount();
            BatchCodec.Write(_payload, isFirst ? batch.HardState : null, isFirst ? batch.Snapshot : null, Slice(entries, from, count));
            if (!_segment!.Fits(_payload.WrittenCount) || _segment.DataKey != _keys.Newest)
                Rotate(_payload.WrittenCount);
            _segment.Append(RecordType.Batch, _payload.WrittenSpan);
            if (count > 0)
                _segment.MaxIndex = Math.Max(_segment.MaxIndex, entries[from + count - 1].Index);
            from += count;
            if (!isFirst)
                continue;
            _hardState = batch.HardState ?? _hardState;
            if (batch.Snapshot is { } mark)
                (_mark, _markIsNew) = (mark, true);
        }
    });

    public void Sync() => Guard(() =>
    {
        _segment!.Sync();
        if (!_markIsNew)
            return;
        _markIsNew = false;
        RemoveObsolete();
    });

    public IRaftSnapshotWriter CreateSnapshot(SnapshotMetadata snapshot)
    {
        lock (_beginningFile)
            return SnapshotWriter.Create(_disk, _paths, _identity, _keys.Newest, snapshot);
    }

    public Stream OpenSnapshot(SnapshotMetadata snapshot) =>
        SnapshotReader.Open(_paths.Snapshot(snapshot.Position), _identity, _keys);

    /// <summary>
    /// Seals all that is begun from now on under another key: the log goes on in a new segment with the next batch. Whoever calls it has stored
    /// the key before, beside those that are in use. Any thread.
    /// </summary>
    public void UseDataKey(ReadOnlySpan<byte> dataKey)
    {
        lock (_beginningFile)
            _keys.Use(dataKey);
    }

    /// <summary>Whether a file that is there, or is being written, is sealed under this key. Any thread.</summary>
    public bool NeedsDataKey(ReadOnlySpan<byte> dataKey)
    {
        using var key = new DataKey(dataKey);
        lock (_beginningFile)
            return key.Fingerprint.AsSpan().SequenceEqual(_keys.Newest.Fingerprint) || _paths.AllFiles().Any(path => IsUnder(key, path));
    }

    public void Dispose()
    {
        _segment?.Dispose();
        _keys.Dispose();
        _lock.Dispose();
    }

    /// <summary>A file that has no header yet may be under any key.</summary>
    private static bool IsUnder(DataKey key, string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> header = stackalloc byte[FileHeader.Length];
            return RandomAccess.Read(file, header, 0) < header.Length || !header.ContainsAnyExcept((byte)0) || FileHeader.FingerprintIn(header).SequenceEqual(key.Fingerprint);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static FileStream TakeLock(StoragePaths paths)
    {
        try
        {
            return new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(paths.Lock))
        {
            throw new RaftStorageException($"{paths.Directory} is in use by another process.", RaftStorageError.Locked, e);
        }
    }

    private static int CountOfChunk(IReadOnlyList<LogEntry> entries, int from)
    {
        var count = 0;
        for (long bytes = 0; from + count < entries.Count; count++)
        {
            bytes += entries[from + count].Size;
            if (bytes > ChunkBytes && count > 0)
                break;
        }

        return count;
    }

    private static IReadOnlyList<LogEntry> Slice(IReadOnlyList<LogEntry> entries, int from, int count) =>
        from == 0 && count == entries.Count ? entries : [.. entries.Skip(from).Take(count)];

    private void Guard(Action action)
    {
        if (_hasFailed)
            throw new RaftStorageException($"The storage in {_paths.Directory} has failed before; open it again.", RaftStorageError.Io);
        try
        {
            action();
        }
        catch (Exception e)
        {
            // Nobody knows now what is on the disk: nothing may be built on it before it was read again.
            _hasFailed = true;
            if (e is IOException or UnauthorizedAccessException)
                throw DiskFiles.Classify(e, _paths.Directory);
            throw;
        }
    }

    private void Rotate(int payloadBytes)
    {
        var full = _segment!;
        full.Seal();
        _segment = CreateSegment(full.Number + 1, payloadBytes);
        _closed.Enqueue((full.Number, full.Path, full.MaxIndex));
        full.Dispose();
    }

    private SegmentWriter CreateSegment(ulong number, int payloadBytes)
    {
        var head = new ArrayBufferWriter<byte>();
        BatchCodec.Write(head, _hardState, _mark is { } mark ? mark with { ResetsLog = false } : null, []);
        var length = Math.Max(_options.SegmentBytes, payloadBytes + (4L << 10));
        return SegmentWriter.Create(_disk, _paths, number, _identity, _keys.Newest, length, head.WrittenSpan);
    }

    /// <summary>Oldest first, so that what is left has no gap. Every segment begins with the hard state and the mark of its time.</summary>
    private void RemoveObsolete()
    {
        var mark = _mark!.Value;
        var any = false;
        while (_closed.TryPeek(out var oldest) && oldest.MaxIndex <= mark.CompactThrough)
        {
            _disk.Delete(_closed.Dequeue().Path);
            any = true;
        }

        foreach (var (position, path) in _paths.Snapshots())
        {
            if (position.Index >= mark.Position.Index)
                continue;
            _disk.Delete(path);
            any = true;
        }

        if (any)
            _disk.SyncDirectory(_paths.Directory);
    }
}
