using System.Diagnostics;
using System.Globalization;
using Cluster.Simulation.Faults;
using Cluster.Simulation.Runs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.Simulation;

/// <summary>Fresh seeds, other ones each day, and those that once found something. SIMULATION_SEED sets the first of the fresh ones, SIMULATION_REPORT a file for the counts.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int FreshSeeds = 1_000;

    [Fact]
    public void Holds_for_fresh_seeds()
    {
        ulong first = FirstSeed();
        Stopwatch watch = Stopwatch.StartNew();
        SeedBatch batch = SeedBatch.Run(Enumerable.Range(0, FreshSeeds).Select(i => first + (ulong)i));
        string report = $"Seeds {first} to {first + FreshSeeds - 1} in {watch.Elapsed.TotalSeconds:0} s; again: deploy/simulate --seeds {first} {FreshSeeds}\n{batch.Counts}";
        output.WriteLine(report);
        if (Environment.GetEnvironmentVariable("SIMULATION_REPORT") is { Length: > 0 } file) File.WriteAllText(file, report);
        Assert.True(!batch.Failures.Any(), string.Join('\n', batch.Failures.Select(run => $"{run.Message}\n  replay: {run.Replay}")));
        Assert.All(MustHappen(), what => Assert.True(batch.Counts[what] > 0, $"'{what}' never happened"));
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void Holds_for_kept_seeds(ulong seed, string found)
    {
        SimulationRun run = SimulationRun.Of(seed);
        Assert.True(run.Breach is null, $"{run.Message}\n  replay: {run.Replay}\n  this seed once found: {found}");
    }

    public static TheoryData<ulong, string> Kept()
    {
        TheoryData<ulong, string> seeds = [];
        foreach (KeptSeed kept in KeptSeed.All) seeds.Add(kept.Seed, kept.Found);
        return seeds;
    }

    private static IEnumerable<string> MustHappen() => Enum.GetNames<FaultKind>().Select(kind => $"fault: {kind}").Concat(ExpectedCounts.All);

    private static ulong FirstSeed() =>
        ulong.TryParse(Environment.GetEnvironmentVariable("SIMULATION_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : ulong.Parse(TimeProvider.System.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) * 1_000;
}
