using System.Globalization;

namespace Cluster.Model.Parsing;

/// <summary>Sizes in bytes as Docker's flags take them: <c>64m</c>, <c>1.5GB</c>, <c>512MiB</c>, <c>1048576</c>; every unit is binary.</summary>
public static class ByteSize
{
    private const string Advice = "write a number and a unit, such as 64m or 1.5g (units: b, k, m, g, t, p; powers of 1024)";
    private const string Units = "bkmgtp";

    public static Result<long> Parse(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int end = 0;
        while (end < rest.Length && (char.IsAsciiDigit(rest[end]) || rest[end] == '.')) end++;
        if (end is 0 or > 18
            || !decimal.TryParse(rest[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            || PowerOf(rest[end..].Trim()) is not { } power)
            return Refusal.Invalid($"'{text}' is not a size: {Advice}");

        decimal bytes = number * (decimal)Math.Pow(1024, power);
        if (bytes > long.MaxValue) return Refusal.Invalid($"'{text}' is too large a size");
        return (long)bytes;
    }

    /// <summary>With the largest unit that fits and up to four digits, as Docker prints it: <c>64MiB</c>, <c>1.5GiB</c>, <c>0B</c>.</summary>
    public static string Format(long bytes)
    {
        string[] names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        double size = bytes;
        int unit = 0;
        while (Math.Abs(size) >= 1024 && unit < names.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return size.ToString("G4", CultureInfo.InvariantCulture) + names[unit];
    }

    private static int? PowerOf(ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty) return 0;
        int power = Units.IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal);
        if (power < 0) return null;
        ReadOnlySpan<char> suffix = unit[1..];
        bool known = suffix.IsEmpty || (power > 0 && (suffix.Equals("b", StringComparison.OrdinalIgnoreCase) || suffix.Equals("ib", StringComparison.OrdinalIgnoreCase)));
        return known ? power : null;
    }
}
