namespace Cluster.LabTests.Labs;

/// <summary>Waits for a condition by asking again and again, never by the clock alone.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Ends when <paramref name="unmet"/> returns null; after <paramref name="limit"/> fails with what it last said. The limit only keeps
    /// a broken system from hanging the run: it is generous and proves nothing about speed.
    /// </summary>
    public static async Task HoldsAsync(string what, TimeSpan limit, Func<CancellationToken, Task<string?>> unmet, CancellationToken ct)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var reason = await unmet(ct);
            if (reason is null)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"after {limit.TotalSeconds} s still not: {what}\n{reason}");
            }

            await Task.Delay(Pause, TimeProvider.System, ct);
        }
    }
}
