using System.Buffers;
using Cluster.Agent.Runtime;

namespace Cluster.Containers.Logs;

/// <summary>
/// Takes over the output of one task: reads what is new, time-stamps its lines, stores them, frees the space. Used by one thread at a
/// time (the <see cref="LogKeeper"/> sees to that); readers wait for <see cref="Changed"/>.
/// </summary>
internal sealed class LogTail : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    private readonly LogWriter _writer;
    private readonly RawOutput[] _outputs;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LogTail(LogDirectory directory, LogPolicy policy)
    {
        directory.Create();
        _writer = new LogWriter(directory, policy);
        _outputs =
        [
            new RawOutput(directory.Stdout, _writer.Position(ContainerStream.Stdout)),
            new RawOutput(directory.Stderr, _writer.Position(ContainerStream.Stderr)),
        ];
    }

    /// <summary>Completes when there is more to read, or nothing will come any more.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Nothing will come any more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Takes over what is there, up to a bound per call; true when there may be more. The order of lines is kept within a stream only.</summary>
    public bool Pump(DateTimeOffset now, bool isLast)
    {
        bool hasMore = Pump(ContainerStream.Stdout, now, isLast) | Pump(ContainerStream.Stderr, now, isLast);
        if (isLast && !hasMore)
        {
            IsEnded = true;
            _changed.TrySetResult();
        }

        return hasMore;
    }

    public void Dispose()
    {
        IsEnded = true;
        _changed.TrySetResult();
        _writer.Dispose();
        foreach (RawOutput output in _outputs) output.Dispose();
    }

    private bool Pump(ContainerStream stream, DateTimeOffset now, bool isLast)
    {
        if (IsEnded) return false;
        RawOutput output = _outputs[(int)stream];
        long position = _writer.Position(stream);
        if (output.Length <= position) return false;
        // Rented: most tails are quiet, and there are many.
        byte[] input = ArrayPool<byte>.Shared.Rent(ReadBytes), records = ArrayPool<byte>.Shared.Rent(ReadBytes * 2);
        try
        {
            int count = output.Read(input.AsSpan(0, ReadBytes), position);
            bool isAll = count < ReadBytes;
            (int used, int written) = LineSplitter.Split(input.AsSpan(0, count), position, stream, now, isLast && isAll, records);
            if (used == 0) return false;
            _writer.Append(stream, records.AsSpan(0, written), position + used);
            output.Free(position + used);
            TaskCompletionSource changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.TrySetResult();
            return !isAll || used < count && isLast;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
            ArrayPool<byte>.Shared.Return(records);
        }
    }
}
