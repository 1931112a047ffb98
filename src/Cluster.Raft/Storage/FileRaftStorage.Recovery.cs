using System.Globalization;

namespace Cluster.Raft.Storage;

/// <summary>What a start finds in the directory.</summary>
public sealed partial class FileRaftStorage
{
    private void Recover()
    {
        foreach (var path in _paths.UnfinishedFiles())
            _disk.Delete(path);
        var segments = _paths.Segments();
        if (segments.Count == 0)
        {
            if (_paths.Snapshots().Count > 0)
                throw new RaftStorageException($"{_paths.Directory} has snapshots and no log.", RaftStorageError.Corrupt);
            _segment = CreateSegment(1, 0);
            _disk.SyncDirectory(Path.GetDirectoryName(_paths.Directory) ?? _paths.Directory);
            return;
        }

        var replay = new LogReplay();
        for (var i = 0; i < segments.Count; i++)
            RecoverSegment(segments[i].Number, segments[0].Number + (ulong)i, segments[i].Path, i == segments.Count - 1, replay);
        (_hardState, _mark) = (replay.HardState, replay.Mark);
        Recovered = new RecoveredLog(_hardState, RecoverSnapshot(), default, []);
        try
        {
            var (begin, entries) = replay.Finish();
            Recovered = Recovered with { Begin = begin, Entries = entries };
        }
        catch (InvalidDataException e)
        {
            throw new RaftStorageException($"{_paths.Directory}: {e.Message}.", RaftStorageError.Corrupt, e);
        }

        if (_segment is null)
            _segment = CreateSegment(segments[^1].Number + 1, 0);
    }

    private void RecoverSegment(ulong number, ulong expected, string path, bool isNewest, LogReplay replay)
    {
        if (number != expected)
            throw new RaftStorageException($"{_paths.Segment(expected)} is missing.", RaftStorageError.Corrupt);
        var content = ReadSegment(path);
        var (written, key) = FileHeader.Check(content, FileHeader.SegmentMagic, _identity, _keys, path);
        if (written != number)
        {
            throw new RaftStorageException(
                string.Create(CultureInfo.InvariantCulture, $"{path} is segment {written:x16} under another name."), RaftStorageError.Corrupt);
        }

        var scan = SegmentScan.Read(path, number, content, isNewest, key, replay);
        HadTornTail = scan.IsTorn;
        if (!isNewest)
        {
            _closed.Enqueue((number, path, scan.MaxIndex));
            return;
        }

        // Sealed, but its successor was not put in place: what was written is made sure of, then it is closed.
        var segment = SegmentWriter.Reopen(_disk, scan, content, key);
        if (!scan.IsSealed)
        {
            _segment = segment;
            return;
        }

        segment.Dispose();
        _closed.Enqueue((number, path, scan.MaxIndex));
    }

    /// <summary>What a shorter file lacks counts as zeros.</summary>
    private byte[] ReadSegment(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        if (length > Array.MaxLength)
            throw new RaftStorageException($"{path} is {length} bytes long, which no segment is.", RaftStorageError.Corrupt);
        var content = new byte[Math.Max(length, Math.Max(_options.SegmentBytes, FileHeader.Length))];
        for (var at = 0; at < length;)
        {
            var read = RandomAccess.Read(file, content.AsSpan(at, (int)length - at), at);
            if (read == 0)
                break;
            at += read;
        }

        return content;
    }

    private SnapshotMetadata? RecoverSnapshot()
    {
        SnapshotMetadata? snapshot = null;
        if (_mark is { } mark)
            snapshot = SnapshotReader.ReadMetadata(_paths.Snapshot(mark.Position), _identity, _keys);
        if (snapshot is not null && snapshot.Position != _mark!.Value.Position)
        {
            throw new RaftStorageException(
                $"{_paths.Snapshot(_mark.Value.Position)} holds the snapshot {snapshot.Position}.", RaftStorageError.Corrupt);
        }

        // Others are older, or arrived and were never made the log's beginning.
        foreach (var (position, path) in _paths.Snapshots())
        {
            if (position != snapshot?.Position)
                _disk.Delete(path);
        }

        return snapshot;
    }
}
