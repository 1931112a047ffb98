namespace Cluster.Containers.Containerd;

/// <summary>
/// A cancellation that gives a call that is under way some time to finish: one that is cut off in the middle of making or starting a task
/// leaves containerd at work on what nobody waits for.
/// </summary>
internal sealed class LingeringToken : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    // Not disposed: the timer may fire at the same time, and a source without a wait handle holds nothing.
    private readonly CancellationTokenSource _source = new();
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _registration;

    public LingeringToken(TimeProvider timeProvider, CancellationToken ct)
    {
        _timer = timeProvider.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), _source, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registration = ct.Register(static timer => ((ITimer)timer!).Change(Grace, Timeout.InfiniteTimeSpan), _timer);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _timer.Dispose();
    }
}
