using Cluster.Simulation.World;

namespace Cluster.Simulation.Runs;

/// <summary>Many seeds, each on one thread, several at once.</summary>
internal sealed record SeedBatch(IReadOnlyList<SimulationRun> Runs, SimulationCounts Counts)
{
    public static SeedBatch Run(IEnumerable<ulong> seeds)
    {
        SimulationRun[] runs = [.. seeds.AsParallel().AsOrdered().WithDegreeOfParallelism(Math.Clamp(Environment.ProcessorCount, 1, 64)).Select(seed => SimulationRun.Of(seed))];
        SimulationCounts counts = new();
        foreach (SimulationRun run in runs) counts.Add(run.Counts);
        return new SeedBatch(runs, counts);
    }

    public IEnumerable<SimulationRun> Failures => Runs.Where(run => run.Breach is not null);
}
