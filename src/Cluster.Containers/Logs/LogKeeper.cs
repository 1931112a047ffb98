using System.Collections.Concurrent;
using Cluster.Model.Ids;
using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Logs;

/// <summary>
/// Takes over the output of all tasks, by looking at their files again and again: a look at a quiet file is one cheap system call, and
/// nothing is lost while nobody looks. <see cref="RunAsync"/> is the only one that moves lines, apart from a task's last look.
/// </summary>
internal sealed partial class LogKeeper(string directory, TimeProvider timeProvider, ILogger<LogKeeper> logger) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<TaskId, LogTail> _tails = new();

    public LogDirectory Files(TaskId taskId) => new(Path.Combine(directory, taskId.ToString()));

    /// <summary>The running tail of a task; null when its container is gone.</summary>
    public LogTail? Running(TaskId taskId) => _tails.GetValueOrDefault(taskId);

    /// <summary>Makes the files of the task and keeps looking at them; a task that is looked at already: nothing.</summary>
    public void Attach(TaskId taskId, LogPolicy policy)
    {
        if (_tails.ContainsKey(taskId)) return;
        LogTail tail = new(Files(taskId), policy);
        if (!_tails.TryAdd(taskId, tail)) tail.Dispose();
    }

    /// <summary>The container is gone: takes over the rest of its output, also where nobody looked at it before.</summary>
    public void Complete(TaskId taskId, LogPolicy policy)
    {
        if (!_tails.TryGetValue(taskId, out LogTail? tail))
        {
            if (!Directory.Exists(Files(taskId).Path)) return;
            tail = new LogTail(Files(taskId), policy);
        }

        lock (tail)
        {
            try
            {
                while (tail.Pump(timeProvider.GetUtcNow(), isLast: true)) { }
            }
            catch (IOException e)
            {
                LogNotTaken(e, taskId);
            }

            tail.Dispose();
        }

        // Last: a reader that finds no tail takes what is stored for all.
        _tails.TryRemove(taskId, out _);
    }

    public void Remove(TaskId taskId)
    {
        if (_tails.TryRemove(taskId, out LogTail? tail)) lock (tail) tail.Dispose();
        string path = Files(taskId).Path;
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    /// <summary>The names of all tasks that have logs.</summary>
    public IEnumerable<string> Names() => Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path)) : [];

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            bool hasMore = false;
            foreach ((TaskId taskId, LogTail tail) in _tails) hasMore |= Pump(taskId, tail);
            if (!hasMore) await Task.Delay(Period, timeProvider, ct);
            ct.ThrowIfCancellationRequested();
        }
    }

    public void Dispose()
    {
        foreach ((TaskId taskId, _) in _tails)
        {
            if (_tails.TryRemove(taskId, out LogTail? tail)) lock (tail) tail.Dispose();
        }
    }

    private bool Pump(TaskId taskId, LogTail tail)
    {
        lock (tail)
        {
            if (tail.IsEnded) return false;
            try
            {
                return tail.Pump(timeProvider.GetUtcNow(), isLast: false);
            }
            catch (IOException e)
            {
                // Such as a full disk: the output waits in its file.
                LogNotTaken(e, taskId);
                return false;
            }
        }
    }
}
