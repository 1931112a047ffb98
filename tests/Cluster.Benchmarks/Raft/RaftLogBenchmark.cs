using System.Globalization;

namespace Cluster.Benchmarks.Raft;

/// <summary>
/// Entries per second through one member's core and log, each synced before it counts, beside what the same disk does with writes of the same size
/// and nothing else. Rounds are interleaved, because a disk's mood changes; what counts is the ratio.
/// </summary>
public static class RaftLogBenchmark
{
    private const int Rounds = 5;
    private const int EntryBytes = 256;
    private const int SlicesPerRound = 8;
    private static readonly TimeSpan SliceTime = TimeSpan.FromMilliseconds(80);

    public static Task RunAsync(TextWriter output, CancellationToken ct) => Task.Run(() => Run(output, ct), ct);

    private static void Run(TextWriter output, CancellationToken ct)
    {
        var directory = Directory.CreateTempSubdirectory("cluster-raft-benchmark-").FullName;
        try
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Raft log: {EntryBytes}-byte entries, sync before each acknowledgement, median of {Rounds} rounds"));
            output.WriteLine("outstanding   entries/s   bare disk   ratio   (ratio, lowest to highest)   bytes per sync");
            foreach (var outstanding in new[] { 1, 64 })
                output.WriteLine(Measure(directory, outstanding, ct));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Measure(string directory, int outstanding, CancellationToken ct)
    {
        using var member = new MeasuredMember(Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"log-{outstanding}")), EntryBytes);
        member.Run(outstanding, SliceTime, ct);
        var bytes = member.BytesPerSync;
        using var bare = new BareDisk(directory, bytes);
        bare.Run(SliceTime, ct);

        var (ours, disk, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var (entries, syncs) = (0.0, 0.0);
            for (var slice = 0; slice < SlicesPerRound; slice++)
            {
                entries += member.Run(outstanding, SliceTime, ct) / SlicesPerRound;
                syncs += bare.Run(SliceTime, ct) / SlicesPerRound;
            }

            ours.Add(entries);
            disk.Add(syncs * outstanding);
            ratios.Add(ours[^1] / disk[^1]);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{outstanding,11}   {Median(ours),9:F0}   {Median(disk),9:F0}   {Median(ratios),5:F2}   {$"{ratios.Min():F2} to {ratios.Max():F2}",28}   {bytes,14}");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
