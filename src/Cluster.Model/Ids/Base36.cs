using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Ids;

/// <summary>
/// 128-bit numbers as 25 lower-case base-36 digits, the format of Swarm's ids and token secrets. Fixed width, so that
/// numeric order is ordinal order of the text.
/// </summary>
public static class Base36
{
    /// <summary>Digits that hold 128 bits.</summary>
    public const int Digits128 = 25;

    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

    public static string Format(UInt128 value) => string.Create(Digits128, value, static (span, v) =>
    {
        for (int i = span.Length - 1; i >= 0; i--)
        {
            (v, UInt128 digit) = UInt128.DivRem(v, 36);
            span[i] = Alphabet[(int)digit];
        }
    });

    /// <summary>Reads exactly 25 digits; upper case, other lengths and values of 2^128 or more are refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out UInt128 value)
    {
        value = UInt128.Zero;
        if (text is null || text.Length != Digits128) return false;
        foreach (char c in text)
        {
            int digit = c switch { >= '0' and <= '9' => c - '0', >= 'a' and <= 'z' => c - 'a' + 10, _ => -1 };
            if (digit < 0 || value > (UInt128.MaxValue - (UInt128)digit) / 36) return false;
            value = value * 36 + (UInt128)digit;
        }

        return true;
    }
}
