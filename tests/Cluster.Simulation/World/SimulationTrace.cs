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

    public bool IsRead => output is not null;

    /// <summary>Called once for each event of the queue.</summary>
    public void Step() => _hash = TraceLine.Mix(_hash, (ulong)queue.Now.Ticks);

    public void Line(string who, string text) => Line(who, $"{text}");

    public void Line(string who, [InterpolatedStringHandlerArgument("")] ref TraceLine line)
    {
        _hash = TraceLine.Mix(TraceLine.Mix(_hash, who), line.Hash);
        output?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queue.Elapsed.TotalSeconds,10:0.0000} {who,-9} {line.Text}"));
    }
}
