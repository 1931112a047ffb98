using System.Globalization;
using Cluster.Agent.Runtime;
using Cluster.Model.Specs;

namespace Cluster.Containers.Logs;

/// <summary>How much of a task's log is kept. The oldest segment goes when all together are larger than <paramref name="TotalBytes"/>.</summary>
internal sealed record LogPolicy(long SegmentBytes, long TotalBytes)
{
    /// <summary>Of a service that says nothing. Docker keeps without limit, which fills disks.</summary>
    public static readonly LogPolicy Default = new(LargestSegmentBytes, 64L << 20);

    /// <summary>Segments are read from their beginning after a restart, so they stay small whatever max-size says.</summary>
    private const long LargestSegmentBytes = 8L << 20;
    private const long SmallestSegmentBytes = 4096;

    /// <summary>Null for the driver <c>none</c>.</summary>
    public static LogPolicy? Of(LogDriver? driver)
    {
        if (driver is null) return Default;
        if (driver.Name.Equals("none", StringComparison.Ordinal)) return null;
        if (!driver.Name.Equals("json-file", StringComparison.Ordinal))
        {
            throw new RuntimeException($"the log driver '{driver.Name}' is not known; it is json-file or none", IsTemporary: false);
        }

        if (driver.Options.Items.IsEmpty) return Default;
        long size = driver.Options.Get("max-size") is { } maxSize ? ParseSize(maxSize) : Default.TotalBytes;
        long files = driver.Options.Get("max-file") is not { } maxFile ? 1
            : long.TryParse(maxFile, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count is > 0 and <= 1000 ? count
            : throw new RuntimeException($"the log option max-file '{maxFile}' is not a number from 1 to 1000", IsTemporary: false);
        long total = Math.Max(size * files, SmallestSegmentBytes);
        return new LogPolicy(Math.Clamp(Math.Min(size, total / 2), SmallestSegmentBytes, LargestSegmentBytes), total);
    }

    /// <summary>Docker's sizes: a number with k, m or g for powers of 1024.</summary>
    private static long ParseSize(string text)
    {
        string number = text.Trim().ToLowerInvariant();
        if (number.EndsWith('b')) number = number[..^1];
        int shift = number.Length == 0 ? 0 : number[^1] switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        if (shift > 0) number = number[..^1];
        const long largest = 1L << 40;
        if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value > 0 && value <= largest >> shift) return value << shift;
        throw new RuntimeException($"the log option max-size '{text}' is not a size such as 10m", IsTemporary: false);
    }
}
