using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Raft.Storage;

/// <summary>
/// The content of a snapshot file, as a stream that can seek. Every frame is checked when it is read; a damaged one is an exception, never bytes.
/// </summary>
internal sealed class SnapshotReader : Stream
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly AesGcm _key;
    private readonly long _contentAt;
    private readonly long _frames;
    private readonly byte[] _frame = new byte[SnapshotFrame.FullBytes];
    private readonly byte[] _content = new byte[SnapshotFrame.ContentBytes];
    private long _loaded = -1;
    private long _position;

    private SnapshotReader(string path, SafeFileHandle file, StorageIdentity identity, DataKeyRing keys)
    {
        (_path, _file) = (path, file);
        var beginning = new byte[FileHeader.Length + DataKey.SaltBytes + SnapshotFrame.HeaderBytes];
        ReadExactly(beginning, 0);
        var (_, key) = FileHeader.Check(beginning, FileHeader.SnapshotMagic, identity, keys, path);
        _key = key.DeriveSnapshotKey(beginning.AsSpan(FileHeader.Length, DataKey.SaltBytes));
        var metadataBytes = BinaryPrimitives.ReadInt32LittleEndian(beginning.AsSpan(FileHeader.Length + DataKey.SaltBytes));
        if (metadataBytes < 0 || metadataBytes > SnapshotFrame.ContentBytes)
            throw Damaged(FileHeader.Length + DataKey.SaltBytes);

        _contentAt = FileHeader.Length + DataKey.SaltBytes + metadataBytes + SnapshotFrame.OverheadBytes;
        var behind = RandomAccess.GetLength(file) - _contentAt;
        _frames = (behind + SnapshotFrame.FullBytes - 1) / SnapshotFrame.FullBytes;
        var last = behind - ((_frames - 1) * SnapshotFrame.FullBytes) - SnapshotFrame.OverheadBytes;
        if (behind <= 0 || last < 0)
            throw Damaged(_contentAt);
        Length = ((_frames - 1) * SnapshotFrame.ContentBytes) + last;
        Metadata = ReadMetadata(metadataBytes);
        Load(_frames - 1);
    }

    public SnapshotMetadata Metadata { get; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => _position = Math.Clamp(value, 0, Length);
    }

    public static SnapshotReader Open(string path, StorageIdentity identity, DataKeyRing keys)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new SnapshotReader(path, file, identity, keys);
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (e is FileNotFoundException)
                throw new RaftStorageException($"{path} is missing.", RaftStorageError.Corrupt, e);
            throw;
        }
    }

    public static SnapshotMetadata ReadMetadata(string path, StorageIdentity identity, DataKeyRing keys)
    {
        using var reader = Open(path, identity, keys);
        return reader.Metadata;
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || _position >= Length)
            return 0;
        var frame = _position / SnapshotFrame.ContentBytes;
        if (frame != _loaded)
            Load(frame);
        var at = (int)(_position % SnapshotFrame.ContentBytes);
        var count = Math.Min(buffer.Length, ContentOf(frame) - at);
        _content.AsSpan(at, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _key.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private SnapshotMetadata ReadMetadata(int length)
    {
        var frame = new byte[length + SnapshotFrame.OverheadBytes];
        var at = FileHeader.Length + DataKey.SaltBytes;
        ReadExactly(frame, at);
        var content = new byte[length];
        if (!SnapshotFrame.TryRead(frame, content, 0, isLast: false, _key))
            throw Damaged(at);
        try
        {
            return SnapshotMetadataCodec.Decode(content);
        }
        catch (InvalidDataException e)
        {
            throw new RaftStorageException($"{_path}: {e.Message}", RaftStorageError.UnknownVersion, e);
        }
    }

    private int ContentOf(long frame) => (int)Math.Min(SnapshotFrame.ContentBytes, Length - (frame * SnapshotFrame.ContentBytes));

    private void Load(long number)
    {
        var at = _contentAt + (number * SnapshotFrame.FullBytes);
        var length = ContentOf(number);
        var frame = _frame.AsSpan(0, length + SnapshotFrame.OverheadBytes);
        ReadExactly(frame, at);
        _loaded = -1;
        if (!SnapshotFrame.TryRead(frame, _content.AsSpan(0, length), (ulong)number + 1, number == _frames - 1, _key))
            throw Damaged(at);
        _loaded = number;
    }

    private void ReadExactly(Span<byte> target, long at)
    {
        while (!target.IsEmpty)
        {
            var read = RandomAccess.Read(_file, target, at);
            if (read == 0)
                throw Damaged(at);
            target = target[read..];
            at += read;
        }
    }

    private RaftStorageException Damaged(long at) =>
        new($"{_path} is damaged at offset {at}. Remove this member and join it anew, or restore a backup.", RaftStorageError.Corrupt);
}
