using System.Globalization;

namespace Cluster.Benchmarks.Control;

/// <summary>A measured stretch, by the clock and by the processor: on a machine that is shared the second is the one to compare.</summary>
internal readonly record struct Stretch(long Start, TimeSpan Cpu)
{
    public static Stretch Begin() => new(TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);

    public string Rate(int count)
    {
        (TimeSpan elapsed, TimeSpan cpu) = Ended();
        return string.Create(CultureInfo.InvariantCulture, $"{count / elapsed.TotalSeconds:N0} tasks/s ({count / cpu.TotalSeconds:N0} for each second of a core)");
    }

    public string Time()
    {
        (TimeSpan elapsed, TimeSpan cpu) = Ended();
        return string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalMilliseconds:F1} ms ({cpu.TotalMilliseconds:F1} ms of a core)");
    }

    private (TimeSpan Elapsed, TimeSpan Cpu) Ended() => (TimeProvider.System.GetElapsedTime(Start), Environment.CpuUsage.TotalTime - Cpu);
}
