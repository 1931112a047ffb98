using System.Globalization;

namespace Cluster.Rpc.Wire;

/// <summary>The grpc-timeout header: at most eight digits and a unit. Rounds up, so that the server never gives up before the client.</summary>
internal static class TimeoutCodec
{
    private const long MaxDigits = 99_999_999;

    public static string Format(TimeSpan timeout)
    {
        if (timeout.Ticks <= 0) return "1n";
        long microseconds = DivideUp(timeout.Ticks, TimeSpan.TicksPerMicrosecond);
        if (microseconds <= MaxDigits) return Text(microseconds, 'u');
        long milliseconds = DivideUp(timeout.Ticks, TimeSpan.TicksPerMillisecond);
        if (milliseconds <= MaxDigits) return Text(milliseconds, 'm');
        long seconds = DivideUp(timeout.Ticks, TimeSpan.TicksPerSecond);
        if (seconds <= MaxDigits) return Text(seconds, 'S');
        return Text(DivideUp(timeout.Ticks, TimeSpan.TicksPerHour), 'H');
    }

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9) return false;
        if (!long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long value)) return false;
        // 99,999,999 hours are 3.6e18 ticks: no unit overflows.
        long? ticks = text[^1] switch
        {
            'H' => value * TimeSpan.TicksPerHour,
            'M' => value * TimeSpan.TicksPerMinute,
            'S' => value * TimeSpan.TicksPerSecond,
            'm' => value * TimeSpan.TicksPerMillisecond,
            'u' => value * TimeSpan.TicksPerMicrosecond,
            'n' => DivideUp(value, TimeSpan.NanosecondsPerTick),
            _ => null,
        };
        timeout = TimeSpan.FromTicks(ticks ?? 0);
        return ticks is not null;
    }

    private static long DivideUp(long value, long divisor) => (value / divisor) + (value % divisor > 0 ? 1 : 0);

    private static string Text(long value, char unit) => string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
}
