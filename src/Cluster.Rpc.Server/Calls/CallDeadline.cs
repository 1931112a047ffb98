namespace Cluster.Rpc.Server.Calls;

/// <summary>
/// A call's deadline: cancels the call's token when it passes, and resets the stream when the handler has not ended a grace later. Its two
/// steps run on the timer's thread; disposing waits for them.
/// </summary>
internal sealed class CallDeadline : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancellation;
    private readonly ITimer _timer;
    private readonly TimeSpan _grace;
    private readonly Action _reset;
    private volatile bool _hasPassed;

    public CallDeadline(TimeSpan timeout, RpcServerOptions options, Action reset, CancellationToken ended)
    {
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(ended);
        _grace = options.DeadlineGrace;
        _reset = reset;
        // Started only when the field is set: the first step changes the timer.
        _timer = options.TimeProvider.CreateTimer(static deadline => ((CallDeadline)deadline!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(timeout, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken CancellationToken => _cancellation.Token;

    public bool HasPassed => _hasPassed;

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _cancellation.Dispose();
    }

    private void OnTimer()
    {
        if (_hasPassed)
        {
            _reset();
            return;
        }
        _hasPassed = true;
        _timer.Change(_grace, Timeout.InfiniteTimeSpan);
        _cancellation.Cancel();
    }
}
