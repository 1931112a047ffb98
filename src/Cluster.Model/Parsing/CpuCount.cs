using System.Globalization;

namespace Cluster.Model.Parsing;

/// <summary>Numbers of processors, such as <c>0.5</c> or <c>2</c>, kept in billionths.</summary>
public static class CpuCount
{
    public const long NanosPerCpu = 1_000_000_000;

    public static Result<long> Parse(string text)
    {
        if (text.Length > 18
            || !decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal cpus))
            return Refusal.Invalid($"'{text}' is not a number of CPUs: write a decimal number, such as 0.5 or 2");
        decimal nanos = cpus * NanosPerCpu;
        if (nanos != decimal.Truncate(nanos)) return Refusal.Invalid($"'{text}' CPUs is too precise: at most 9 digits after the point");
        if (nanos > long.MaxValue) return Refusal.Invalid($"'{text}' CPUs is too many");
        return (long)nanos;
    }

    public static string Format(long nanoCpus) => (nanoCpus / (decimal)NanosPerCpu).ToString("0.#########", CultureInfo.InvariantCulture);
}
