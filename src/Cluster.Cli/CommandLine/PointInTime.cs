using System.Globalization;
using Cluster.Model.Parsing;
using Cluster.Model.Time;

namespace Cluster.Cli.CommandLine;

/// <summary>A time as Docker's <c>--since</c> and <c>--until</c> take it: RFC 3339, seconds since 1970, or a duration before now.</summary>
internal static class PointInTime
{
    public const string Forms = "2026-01-02T15:04:05Z, seconds since 1970, or a duration before now such as 10m";

    /// <summary>None when the flag was not given.</summary>
    public static ClusterTime Parse(string flag, string? text, TimeProvider time)
    {
        if (text is null) return default;
        if (GoDuration.Parse(text) is { IsOk: true, Value: var ago }) return ClusterTime.FromUtc(time.GetUtcNow() - ago);
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds < 1e11)
            return ClusterTime.FromUtc(DateTimeOffset.UnixEpoch.AddSeconds(seconds));
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            ? ClusterTime.FromUtc(at)
            : throw new CliException($"{flag} '{text}' is not a time: write {Forms}");
    }
}
