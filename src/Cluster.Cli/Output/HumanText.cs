using System.Globalization;
using Cluster.Model.Time;

namespace Cluster.Cli.Output;

/// <summary>Durations, times and states as Docker prints them (docker/go-units).</summary>
internal static class HumanText
{
    public const int ShortIdLength = 12;

    public static string Ago(ClusterTime then, TimeProvider time)
    {
        if (then.IsNone) return "";
        TimeSpan age = ClusterTime.FromUtc(time.GetUtcNow()) - then;
        return $"{Duration(age < TimeSpan.Zero ? TimeSpan.Zero : age)} ago";
    }

    public static string Duration(TimeSpan duration)
    {
        long seconds = (long)duration.TotalSeconds;
        long hours = (long)(duration.TotalHours + 0.5);
        return seconds switch
        {
            < 1 => "Less than a second",
            1 => "1 second",
            < 60 => Text(seconds, "seconds"),
            < 120 => "About a minute",
            < 3600 => Text(seconds / 60, "minutes"),
            _ => hours switch
            {
                <= 1 => "About an hour",
                < 48 => Text(hours, "hours"),
                < 24 * 7 * 2 => Text(hours / 24, "days"),
                < 24 * 30 * 2 => Text(hours / 24 / 7, "weeks"),
                < 24 * 365 * 2 => Text(hours / 24 / 30, "months"),
                _ => Text((long)duration.TotalDays / 365, "years"),
            },
        };
    }

    /// <summary>Decimal units with three digits, as Docker prints sizes of images: <c>1.42MB</c>.</summary>
    public static string DecimalSize(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        double size = bytes;
        int unit = 0;
        while (size >= 1000 && unit < units.Length - 1)
        {
            size /= 1000;
            unit++;
        }

        return size.ToString("G3", CultureInfo.InvariantCulture) + units[unit];
    }

    public static string ShortId(string id) => id.Length <= ShortIdLength ? id : id[..ShortIdLength];

    /// <summary>Shortened to the length with an ellipsis at the end.</summary>
    public static string Shorten(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "\u2026");

    public static string Rfc3339(ClusterTime time) => time.IsNone ? "" : time.ToString();

    private static string Text(long number, string unit) => $"{number.ToString(CultureInfo.InvariantCulture)} {unit}";
}
