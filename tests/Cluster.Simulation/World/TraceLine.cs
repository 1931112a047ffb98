using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cluster.Simulation.World;

/// <summary>A line of the trace: its values go into the hash as they are, and become text only when somebody reads along.</summary>
[InterpolatedStringHandler]
internal ref struct TraceLine
{
    private readonly bool _isRead;
    private DefaultInterpolatedStringHandler _text;

    public TraceLine(int literalLength, int formattedCount, SimulationTrace trace)
    {
        (_isRead, Hash) = (trace.IsRead, 0);
        if (_isRead) _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    /// <summary>Of what was said so far.</summary>
    public ulong Hash { get; private set; }

    /// <summary>Empty when nobody reads along.</summary>
    public string Text => _isRead ? _text.ToStringAndClear() : "";

    public static ulong Mix(ulong hash, ulong value) => (ulong.RotateLeft(hash, 5) ^ value) * 1099511628211UL;

    public static ulong Mix(ulong hash, ReadOnlySpan<char> text)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<char, ulong>(text);
        foreach (ulong word in words) hash = Mix(hash, word);
        foreach (char c in text[(words.Length * 4)..]) hash = Mix(hash, c);
        return Mix(hash, (ulong)text.Length);
    }

    public void AppendLiteral(string text)
    {
        Hash = Mix(Hash, text);
        if (_isRead) _text.AppendLiteral(text);
    }

    public void AppendFormatted(string? text)
    {
        Hash = Mix(Hash, text);
        if (_isRead) _text.AppendFormatted(text);
    }

    public void AppendFormatted(Short name)
    {
        Hash = Mix(Mix(Mix(Mix(Hash, (ulong)name.Id), (ulong)(name.Id >> 64)), name.Service), (ulong)name.Slot);
        if (_isRead) _text.AppendFormatted(name.ToString());
    }

    public void AppendFormatted(int number) => Append((ulong)number, number);

    public void AppendFormatted(ulong number) => Append(number, number);

    public void AppendFormatted<T>(T value)
    {
        if (typeof(T).IsEnum && Unsafe.SizeOf<T>() == sizeof(int)) Append((ulong)Unsafe.BitCast<T, int>(value), value);
        else AppendFormatted(value, null);
    }

    public void AppendFormatted<T>(T value, string? format) =>
        AppendFormatted(value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString());

    private void Append<T>(ulong bits, T value)
    {
        Hash = Mix(Hash, bits);
        if (_isRead) _text.AppendFormatted(value);
    }
}
