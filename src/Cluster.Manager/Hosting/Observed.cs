namespace Cluster.Manager.Hosting;

/// <summary>The newest value of something that changes, and a way to wait for the next. One writer; read by anyone.</summary>
internal sealed class Observed<T>(T initial)
    where T : class
{
    private volatile T _current = initial;
    private TaskCompletionSource _next = New();

    public T Current => _current;

    /// <summary>Completes when there is a value newer than <see cref="Current"/> at the call. Ask before reading, then nothing is missed.</summary>
    public Task NextAsync(CancellationToken ct) => Volatile.Read(ref _next).Task.WaitAsync(ct);

    public void Publish(T value)
    {
        if (ReferenceEquals(_current, value)) return;
        _current = value;
        Interlocked.Exchange(ref _next, New()).TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
