using Cluster.Node.Lifecycle;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>Tells of each renewal that a node has taken in, which it logs when its keys are on the disk.</summary>
internal sealed class RenewalLog : ILogger<NodeLifecycle>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly SemaphoreSlim _renewals = new(0);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (formatter(state, exception).StartsWith("This node's certificate is renewed", StringComparison.Ordinal)) _renewals.Release();
    }

    /// <summary>The next one.</summary>
    public async Task RenewedAsync() => Assert.True(await _renewals.WaitAsync(Patience));
}
