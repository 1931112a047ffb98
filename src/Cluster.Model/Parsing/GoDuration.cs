using System.Globalization;
using System.Text;

namespace Cluster.Model.Parsing;

/// <summary>Durations as Go writes them and Docker's flags take them: <c>10s</c>, <c>1m30s</c>, <c>2160h0m0s</c>, <c>1.5h</c>, <c>0</c>.</summary>
public static class GoDuration
{
    private const string Advice = "write a number and a unit, such as 10s, 1m30s or 24h (units: ns, us, ms, s, m, h)";

    /// <summary>Reads to 100 ns; what is finer is cut off. Negative durations are refused: nothing here can take one.</summary>
    public static Result<TimeSpan> Parse(string text)
    {
        string rest = text.Trim();
        if (rest == "0") return TimeSpan.Zero;
        if (rest.Length == 0) return Refusal.Invalid($"an empty text is not a duration: {Advice}");
        if (rest.StartsWith('-')) return Refusal.Invalid($"'{text}' is negative: {Advice}");

        decimal ticks = 0;
        int at = 0;
        while (at < rest.Length)
        {
            int digits = at;
            while (at < rest.Length && (char.IsAsciiDigit(rest[at]) || rest[at] == '.')) at++;
            int unit = at;
            while (at < rest.Length && !char.IsAsciiDigit(rest[at]) && rest[at] != '.') at++;
            decimal? ticksPerUnit = TicksOf(rest.AsSpan(unit, at - unit));
            if (ticksPerUnit is null
                || unit - digits > 18
                || !decimal.TryParse(rest.AsSpan(digits, unit - digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
                return Refusal.Invalid($"'{text}' is not a duration: {Advice}");
            ticks += number * ticksPerUnit.Value;
            if (ticks > long.MaxValue) return Refusal.Invalid($"'{text}' is too long a duration");
        }

        return TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>As Go prints it: <c>1m30s</c>, <c>2160h0m0s</c>, <c>1.5s</c>, <c>100ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        StringBuilder text = new(duration < TimeSpan.Zero ? "-" : "");
        decimal ticks = Math.Abs((decimal)duration.Ticks);
        if (ticks < TimeSpan.TicksPerSecond)
        {
            (decimal per, string unit) = ticks >= TimeSpan.TicksPerMillisecond ? (TimeSpan.TicksPerMillisecond, "ms") : ((decimal)TimeSpan.TicksPerMicrosecond, "us");
            return ticks < per ? Append(text, ticks * 100, "ns") : Append(text, ticks / per, unit);
        }

        long hours = (long)(ticks / TimeSpan.TicksPerHour);
        long minutes = (long)(ticks / TimeSpan.TicksPerMinute) % 60;
        if (hours > 0) Append(text, hours, "h");
        if (hours > 0 || minutes > 0) Append(text, minutes, "m");
        return Append(text, ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond, "s");
    }

    private static string Append(StringBuilder text, decimal number, string unit) =>
        text.Append(number.ToString("0.#########", CultureInfo.InvariantCulture)).Append(unit).ToString();

    private static decimal? TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "us" or "\u00b5s" or "\u03bcs" => TimeSpan.TicksPerMicrosecond,
        "ns" => 0.01m,
        _ => null,
    };
}
