using Cluster.Store;

namespace Cluster.Manager.Hosting;

/// <summary>The newest committed state of this manager and a way to wait for the next. Written by the control thread, read by anyone.</summary>
internal sealed class CommittedState(StoreSnapshot initial)
{
    private volatile StoreSnapshot _current = initial;
    private TaskCompletionSource _next = New();

    public StoreSnapshot Current => _current;

    /// <summary>Completes when a state that is newer than <see cref="Current"/> at the call is there. Ask before reading, then nothing is missed.</summary>
    public Task NextAsync(CancellationToken ct) => Volatile.Read(ref _next).Task.WaitAsync(ct);

    public void Publish(StoreSnapshot snapshot)
    {
        if (ReferenceEquals(_current, snapshot)) return;
        _current = snapshot;
        Interlocked.Exchange(ref _next, New()).TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
