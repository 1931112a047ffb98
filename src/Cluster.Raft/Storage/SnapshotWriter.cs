using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Raft.Storage;

/// <summary>Writes a snapshot beside the others and puts it in place when it is complete. One thread at a time.</summary>
internal sealed class SnapshotWriter : IRaftSnapshotWriter
{
    private static int _writers;

    private readonly DiskFiles _disk;
    private readonly StoragePaths _paths;
    private readonly string _path;
    private readonly string _unfinished;
    private readonly SafeFileHandle _file;
    private readonly AesGcm _key;
    private readonly byte[] _content = new byte[SnapshotFrame.ContentBytes];
    private int _filled;
    private long _written;
    private ulong _frames;
    private bool _isCommitted;
    private bool _isDisposed;

    private SnapshotWriter(DiskFiles disk, StoragePaths paths, LogPosition position, SafeFileHandle file, string unfinished, AesGcm key)
    {
        (_disk, _paths, _path, _unfinished, _file, _key) = (disk, paths, paths.Snapshot(position), unfinished, file, key);
        Content = new ContentStream(this);
    }

    public Stream Content { get; }

    public static SnapshotWriter Create(DiskFiles disk, StoragePaths paths, StorageIdentity identity, DataKey key, SnapshotMetadata snapshot)
    {
        var number = Interlocked.Increment(ref _writers).ToString(CultureInfo.InvariantCulture);
        var unfinished = $"{paths.Snapshot(snapshot.Position)}.{number}{StoragePaths.Unfinished}";
        SnapshotWriter? writer = null;
        try
        {
            var file = disk.Create(unfinished);
            var salt = RandomNumberGenerator.GetBytes(DataKey.SaltBytes);
            writer = new SnapshotWriter(disk, paths, snapshot.Position, file, unfinished, key.DeriveSnapshotKey(salt));
            Span<byte> header = stackalloc byte[FileHeader.Length + DataKey.SaltBytes];
            FileHeader.Write(header, FileHeader.SnapshotMagic, identity, snapshot.Index, key);
            salt.CopyTo(header[FileHeader.Length..]);
            writer.Write(header);
            writer.WriteFrame(SnapshotMetadataCodec.Encode(snapshot), isLast: false);
            return writer;
        }
        catch (Exception e)
        {
            writer?.Dispose();
            throw DiskFiles.Classify(e, unfinished);
        }
    }

    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        try
        {
            WriteFrame(_content.AsSpan(0, _filled), isLast: true);
            _disk.Sync(_file, _unfinished);
            _disk.Rename(_unfinished, _path);
            _isCommitted = true;
            _disk.SyncDirectory(_paths.Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFiles.Classify(e, _unfinished);
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _key.Dispose();
        _file.Dispose();
        if (!_isCommitted)
            _disk.Delete(_unfinished);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed || _isCommitted, this);
        while (!bytes.IsEmpty)
        {
            if (_filled == _content.Length)
            {
                WriteFrame(_content, isLast: false);
                _filled = 0;
            }

            var taken = Math.Min(bytes.Length, _content.Length - _filled);
            bytes[..taken].CopyTo(_content.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
        }
    }

    private void WriteFrame(ReadOnlySpan<byte> content, bool isLast)
    {
        var size = content.Length + SnapshotFrame.OverheadBytes;
        var frame = ArrayPool<byte>.Shared.Rent(size);
        SnapshotFrame.Write(frame.AsSpan(0, size), content, _frames++, isLast, _key);
        Write(frame.AsSpan(0, size));
        ArrayPool<byte>.Shared.Return(frame);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _disk.Write(_file, bytes, _written);
        _written += bytes.Length;
    }

    /// <summary>Write-only; disposing it does not commit.</summary>
    private sealed class ContentStream(SnapshotWriter writer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                writer.Append(buffer);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw DiskFiles.Classify(e, writer._unfinished);
            }
        }
    }
}
