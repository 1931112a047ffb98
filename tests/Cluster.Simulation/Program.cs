using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.Runs;
using Cluster.Simulation.World;

namespace Cluster.Simulation;

/// <summary>The simulator without a test runner: replays a seed, or runs a range of them. See deploy/simulate.</summary>
internal static class Program
{
    private const string Usage = """
        usage: simulate SEED [--trace]         one seed; with everything that happens
               simulate --seeds FIRST COUNT    a range of seeds; says how far it is, so that it can go on from there, and at the end what they did
               simulate --hunt BREACH FIRST COUNT    until a seed breaks this invariant; ends with 1 when none does
        Prints the hash of a run; equal seeds have equal hashes. Ends with 1 when an invariant did not hold.
        """;

    private const int SeedsAtOnce = 200;

    public static int Main(string[] args) => args switch
    {
        [var seed] when TryRead(seed, out ulong number) => RunOne(number, null),
        [var seed, "--trace"] when TryRead(seed, out ulong number) => RunOne(number, Console.Out),
        ["--seeds", var first, var count] when TryRead(first, out ulong from) && TryRead(count, out ulong many) => RunMany(from, (int)many),
        ["--hunt", var breach, var first, var count] when Enum.TryParse(breach, out Breach wanted) && TryRead(first, out ulong from) && TryRead(count, out ulong many) => Hunt(wanted, from, (int)many),
        _ => Refuse(),
    };

    private static int RunOne(ulong seed, TextWriter? trace)
    {
        SimulationRun run = SimulationRun.Of(seed, trace);
        if (trace is not null) Console.Write(run.Counts);
        return Report(run);
    }

    private static int RunMany(ulong first, int count)
    {
        SimulationCounts counts = new();
        int failed = 0;
        foreach (int[] some in Enumerable.Range(0, count).Chunk(SeedsAtOnce))
        {
            SeedBatch batch = SeedBatch.Run(some.Select(i => first + (ulong)i));
            counts.Add(batch.Counts);
            failed += batch.Failures.Sum(Report);
            int done = some[^1] + 1;
            Console.WriteLine($"{first + (ulong)done - 1}: {done} seeds, {failed} failed, {Environment.CpuUsage.TotalTime.TotalSeconds / done:0.000} CPU seconds a seed");
        }

        Console.Write(counts);
        return failed == 0 ? 0 : 1;
    }

    private static int Hunt(Breach wanted, ulong first, int count)
    {
        foreach (int[] some in Enumerable.Range(0, count).Chunk(Math.Max(1, Environment.ProcessorCount)))
        {
            SeedBatch batch = SeedBatch.Run(some.Select(i => first + (ulong)i));
            foreach (SimulationRun run in batch.Failures) Console.WriteLine(run.Message);
            if (batch.Failures.FirstOrDefault(run => run.Breach == wanted) is not { } caught) continue;
            Console.WriteLine($"caught by seed {caught.Seed}");
            return 0;
        }

        Console.WriteLine($"no seed of {first} to {first + (ulong)count - 1} breaks {wanted}");
        return 1;
    }

    private static int Report(SimulationRun run)
    {
        Console.WriteLine($"seed {run.Seed} hash {run.Hash:x16} {(run.Breach is { } breach ? $"breach {breach}" : "holds")}");
        if (run.Breach is null) return 0;
        Console.WriteLine($"{run.Message}\nreplay: {run.Replay}");
        return 1;
    }

    private static int Refuse()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    private static bool TryRead([NotNullWhen(true)] string? text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
