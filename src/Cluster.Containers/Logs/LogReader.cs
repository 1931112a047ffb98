using System.Runtime.CompilerServices;
using Cluster.Agent.Runtime;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Containers.Logs;

/// <summary>Reads a task's stored lines, and follows them while its tail runs. Each reader has its own place; none holds up the tail.</summary>
internal sealed class LogReader(LogDirectory directory, Func<LogTail?> runningTail)
{
    private const int ReadBytes = 128 * 1024;

    public async IAsyncEnumerable<ContainerLogLine> ReadAsync(LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        byte[] buffer = new byte[ReadBytes];
        (long number, long offset) = query.Tail >= 0 ? FindTail(query.Tail, buffer) : (0, 0);
        while (true)
        {
            // Looked at before the lines, so that none slips in between.
            LogTail? tail = runningTail();
            Task changed = tail?.Changed ?? Task.CompletedTask;
            bool isEnded = tail is null || tail.IsEnded;
            foreach (long segment in directory.Segments().Where(candidate => candidate >= number))
            {
                long from = segment == number ? Math.Max(offset, LogSegmentHeader.Bytes) : LogSegmentHeader.Bytes;
                using SafeFileHandle? file = TryOpen(segment);
                if (file is null) continue;
                int count;
                while ((count = RandomAccess.Read(file, buffer, from)) > 0)
                {
                    int used = 0;
                    while (LogRecord.TryRead(buffer.AsSpan(used, count - used), out LogEntry entry))
                    {
                        byte[] data = buffer[(used + LogRecord.HeaderBytes)..(used + entry.RecordBytes)];
                        used += entry.RecordBytes;
                        if (query.Since is { } since && entry.At < since) continue;
                        yield return new ContainerLogLine(entry.At, entry.Stream, data);
                    }

                    if (used == 0) break; // the beginning of a record that is being written
                    from += used;
                    ct.ThrowIfCancellationRequested();
                }

                (number, offset) = (segment, from);
            }

            if (!query.Follow || isEnded) yield break;
            await changed.WaitAsync(ct);
        }
    }

    /// <summary>The place of the last <paramref name="lines"/> lines: segment and offset.</summary>
    private (long Number, long Offset) FindTail(long lines, byte[] buffer)
    {
        long left = lines;
        List<long> numbers = directory.Segments();
        for (int i = numbers.Count - 1; i >= 0; i--)
        {
            List<long> offsets = Offsets(numbers[i], buffer, out long end);
            if (left == 0) return (numbers[i], end);
            if (offsets.Count >= left) return (numbers[i], offsets[^(int)left]);
            left -= offsets.Count;
            if (i > 0 && left == 0) return (numbers[i], LogSegmentHeader.Bytes);
        }

        return (0, 0);
    }

    private List<long> Offsets(long number, byte[] buffer, out long end)
    {
        List<long> offsets = [];
        end = LogSegmentHeader.Bytes;
        using SafeFileHandle? file = TryOpen(number);
        if (file is null) return offsets;
        int count;
        while ((count = RandomAccess.Read(file, buffer, end)) > 0)
        {
            int used = 0;
            while (LogRecord.TryRead(buffer.AsSpan(used, count - used), out LogEntry entry))
            {
                offsets.Add(end + used);
                used += entry.RecordBytes;
            }

            if (used == 0) break;
            end += used;
        }

        return offsets;
    }

    /// <summary>Null when it was deleted as the oldest meanwhile.</summary>
    private SafeFileHandle? TryOpen(long number)
    {
        try
        {
            return File.OpenHandle(directory.Segment(number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
