using Cluster.Store;
using Cluster.Store.Snapshots;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Hosting;

/// <summary>
/// Saves the state after so many entries or so many bytes of log, in the background, one at a time, so that log and memory stay small. Told by
/// the control thread.
/// </summary>
internal sealed partial class SnapshotSaver(RaftHost raft, ulong lastSavedIndex, ILogger<SnapshotSaver> logger) : IAsyncDisposable
{
    public const ulong EntriesBetween = 10_000;
    public const long BytesBetween = 32L << 20;

    private readonly CancellationTokenSource _stopping = new();
    private ulong _lastSavedIndex = lastSavedIndex;
    private long _lastSavedBytes;
    private Task _saving = Task.CompletedTask;

    public void Applied(AppliedState applied)
    {
        bool isDue = applied.Index >= _lastSavedIndex + EntriesBetween || applied.LogBytes - _lastSavedBytes >= BytesBetween;
        if (!isDue || !_saving.IsCompleted) return;
        (_lastSavedIndex, _lastSavedBytes) = (applied.Index, applied.LogBytes);
        _saving = Task.Run(() => SaveAsync(applied.Index, applied.State, _stopping.Token), CancellationToken.None);
    }

    /// <summary>Beside what is saved by itself, and with nothing of the log before it kept. Any thread.</summary>
    public async Task SaveNowAsync(AppliedState applied, CancellationToken ct)
    {
        await raft.SaveSnapshotAsync(applied.Index, stream => SnapshotWriter.Write(applied.State, stream, ct), keepTrailing: false, ct);
        LogSaved(logger, applied.Index);
    }

    /// <summary>The state is that of a snapshot that is saved already.</summary>
    public void Restored(AppliedState restored) => (_lastSavedIndex, _lastSavedBytes) = (restored.Index, restored.LogBytes);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _saving;
        _stopping.Dispose();
    }

    private async Task SaveAsync(ulong index, StoreSnapshot state, CancellationToken ct)
    {
        try
        {
            await raft.SaveSnapshotAsync(index, stream => SnapshotWriter.Write(state, stream, ct), ct);
            LogSaved(logger, index);
        }
        catch (OperationCanceledException)
        {
            // The next start takes up the log where it is.
        }
        catch (Exception e)
        {
            // The log stays longer; the next one is tried after as many entries again.
            LogFailed(logger, index, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Saved a snapshot at index {Index}")]
    private static partial void LogSaved(ILogger logger, ulong index);

    [LoggerMessage(Level = LogLevel.Error, Message = "The snapshot at index {Index} could not be saved")]
    private static partial void LogFailed(ILogger logger, ulong index, Exception error);
}
