using Cluster.Agent.Runtime;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Containers.Logs;

/// <summary>
/// Appends lines to a task's segments, begins a new one when the last is full, and deletes the oldest when all are too large. Knows from
/// what is stored how far each stream has been read. Used by one thread at a time.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private readonly LogDirectory _directory;
    private readonly LogPolicy _policy;
    private readonly Queue<(long Number, long Bytes)> _older = new();
    private readonly long[] _positions = new long[2];
    private SafeFileHandle _file;
    private long _number;
    private long _length;
    private long _olderBytes;

    public LogWriter(LogDirectory directory, LogPolicy policy)
    {
        (_directory, _policy) = (directory, policy);
        List<long> numbers = directory.Segments();
        for (int i = 0; i + 1 < numbers.Count; i++)
        {
            long bytes = new FileInfo(directory.Segment(numbers[i])).Length;
            _older.Enqueue((numbers[i], bytes));
            _olderBytes += bytes;
        }

        _number = numbers.Count == 0 ? 0 : numbers[^1];
        _file = numbers.Count == 0 ? Begin(1) : Recover(_number);
    }

    /// <summary>How far the container's output on this stream has been taken over.</summary>
    public long Position(ContainerStream stream) => _positions[(int)stream];

    /// <summary>Stores whole records that were written with <see cref="LogRecord.Write"/>, with the position after the last of them.</summary>
    public void Append(ContainerStream stream, ReadOnlySpan<byte> records, long position)
    {
        if (_length + records.Length > _policy.SegmentBytes && _length > LogSegmentHeader.Bytes) Rotate();
        RandomAccess.Write(_file, records, _length);
        _length += records.Length;
        _positions[(int)stream] = position;
    }

    public void Dispose() => _file.Dispose();

    private void Rotate()
    {
        _older.Enqueue((_number, _length));
        _olderBytes += _length;
        _file.Dispose();
        _file = Begin(_number + 1);
        while (_older.Count > 0 && _olderBytes + _policy.SegmentBytes > _policy.TotalBytes)
        {
            (long number, long bytes) = _older.Dequeue();
            _olderBytes -= bytes;
            File.Delete(_directory.Segment(number));
        }
    }

    private SafeFileHandle Begin(long number)
    {
        SafeFileHandle file = Open(number);
        RandomAccess.Write(file, LogSegmentHeader.Encode(_positions[0], _positions[1]), 0);
        RandomAccess.SetLength(file, LogSegmentHeader.Bytes);
        (_number, _length) = (number, LogSegmentHeader.Bytes);
        return file;
    }

    /// <summary>Finds the end of the last segment, and cuts off what a crash left of a record.</summary>
    private SafeFileHandle Recover(long number)
    {
        byte[] bytes = File.ReadAllBytes(_directory.Segment(number));
        if (!LogSegmentHeader.TryDecode(bytes, out _positions[0], out _positions[1])) return Begin(number);
        int end = LogSegmentHeader.Bytes;
        while (LogRecord.TryRead(bytes.AsSpan(end), out LogEntry entry))
        {
            _positions[(int)entry.Stream] = entry.Position;
            end += entry.RecordBytes;
        }

        SafeFileHandle file = Open(number);
        RandomAccess.SetLength(file, end);
        _length = end;
        return file;
    }

    private SafeFileHandle Open(long number) => File.OpenHandle(_directory.Segment(number), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
}
