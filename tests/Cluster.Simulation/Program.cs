using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cluster.Simulation.Runs;

namespace Cluster.Simulation;

/// <summary>The simulator without a test runner: replays a seed, or runs a range of them. See deploy/simulate.</summary>
internal static class Program
{
    private const string Usage = """
        usage: simulate SEED [--trace]         one seed; with everything that happens
               simulate --seeds FIRST COUNT    a range of seeds, and the counts of what they did
        Prints the hash of each run; equal seeds have equal hashes. Ends with 1 when an invariant did not hold.
        """;

    public static int Main(string[] args) => args switch
    {
        [var seed] when TryRead(seed, out ulong number) => RunOne(number, null),
        [var seed, "--trace"] when TryRead(seed, out ulong number) => RunOne(number, Console.Out),
        ["--seeds", var first, var count] when TryRead(first, out ulong from) && TryRead(count, out ulong many) => RunMany(from, (int)many),
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
        SeedBatch batch = SeedBatch.Run(Enumerable.Range(0, count).Select(i => first + (ulong)i));
        Console.Write(batch.Counts);
        return batch.Runs.Sum(Report) == 0 ? 0 : 1;
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
