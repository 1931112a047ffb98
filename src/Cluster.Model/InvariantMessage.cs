using System.Globalization;
using System.Runtime.CompilerServices;

namespace Cluster.Model;

/// <summary>The message of a check that is put together only when the check fails: the checks are in paths that run often.</summary>
[InterpolatedStringHandler]
public ref struct InvariantMessage
{
    private DefaultInterpolatedStringHandler _text;

    /// <param name="literalLength">Given by the compiler.</param>
    /// <param name="formattedCount">Given by the compiler.</param>
    /// <param name="holds">The condition that is checked.</param>
    /// <param name="isNeeded">Whether the compiler's code goes on to the parts.</param>
    public InvariantMessage(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = isNeeded ? new(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    /// <summary>The text; once.</summary>
    public override string ToString() => _text.ToStringAndClear();
}
