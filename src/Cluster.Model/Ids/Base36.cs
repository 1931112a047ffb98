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

    /// <summary>36^12: the most digits whose value fits into 64 bits, so that most of the arithmetic is on machine words.</summary>
    private const ulong Chunk = 4_738_381_338_321_616_896;

    private const int ChunkDigits = 12;

    /// <summary>That of 2^128 - 1.</summary>
    private const ulong MaxFirstDigit = 15;

    private static readonly UInt128 ChunkSquared = (UInt128)Chunk * Chunk;

    public static string Format(UInt128 value) => string.Create(Digits128, value, static (span, v) =>
    {
        (UInt128 upper, UInt128 low) = UInt128.DivRem(v, Chunk);
        (UInt128 high, UInt128 middle) = UInt128.DivRem(upper, Chunk);
        span[0] = Alphabet[(int)high];
        FormatChunk((ulong)middle, span.Slice(1, ChunkDigits));
        FormatChunk((ulong)low, span.Slice(1 + ChunkDigits, ChunkDigits));
    });

    /// <summary>Reads exactly 25 digits; upper case, other lengths and values of 2^128 or more are refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out UInt128 value)
    {
        value = UInt128.Zero;
        if (text is null || text.Length != Digits128) return false;
        if (!TryParseChunk(text.AsSpan(0, 1), out ulong high)
            || !TryParseChunk(text.AsSpan(1, ChunkDigits), out ulong middle)
            || !TryParseChunk(text.AsSpan(1 + ChunkDigits), out ulong low))
            return false;

        if (high > MaxFirstDigit) return false;
        UInt128 upper = high * ChunkSquared, lower = (UInt128)middle * Chunk + low;
        if (lower > UInt128.MaxValue - upper) return false;
        value = upper + lower;
        return true;
    }

    private static void FormatChunk(ulong value, Span<char> digits)
    {
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            (value, ulong digit) = Math.DivRem(value, 36);
            digits[i] = Alphabet[(int)digit];
        }
    }

    private static bool TryParseChunk(ReadOnlySpan<char> digits, out ulong value)
    {
        value = 0;
        foreach (char c in digits)
        {
            int digit = c switch { >= '0' and <= '9' => c - '0', >= 'a' and <= 'z' => c - 'a' + 10, _ => -1 };
            if (digit < 0) return false;
            value = value * 36 + (ulong)digit;
        }

        return true;
    }
}
