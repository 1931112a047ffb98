using System.Globalization;
using System.Runtime.CompilerServices;

namespace Cluster.Simulation.World;

/// <summary>
/// What happened: a hash over every step and every line, equal for equal seeds in any process, and, when somebody reads along, the lines.
/// </summary>
internal sealed class SimulationTrace(EventQueue queue, TextWriter? output)
{
    private ulong _hash = 14695981039346656037UL;

    public ulong Hash => _hash;

    /// <summary>Called once for each event of the queue.</summary>
    public void Step() => Mix((ulong)queue.Now.Ticks);

    public void Line(string who, string text) => Write(who, text);

    /// <summary>The text is never made a string when nobody reads along.</summary>
    public void Line(string who, ref DefaultInterpolatedStringHandler text)
    {
        Write(who, text.Text);
        text.Clear();
    }

    private void Write(string who, ReadOnlySpan<char> text)
    {
        foreach (char c in who) Mix(c);
        foreach (char c in text) Mix(c);
        output?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queue.Elapsed.TotalSeconds,10:0.0000} {who,-9} {text}"));
    }

    private void Mix(ulong value) => _hash = (ulong.RotateLeft(_hash, 5) ^ value) * 1099511628211UL;
}
