using System.Diagnostics;
using System.Globalization;
using Cluster.Simulation.Runs;
using Xunit;

namespace Cluster.Simulation;

/// <summary>A seed is a run, whatever process it runs in: without that a failing seed could not be replayed.</summary>
public sealed class DeterminismTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(13)]
    public async Task Equal_seeds_give_equal_traces_in_two_processes(ulong seed)
    {
        SimulationRun here = SimulationRun.Of(seed);
        ProcessStartInfo start = new(DotnetHost.Path) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(DeterminismTests).Assembly.Location);
        start.ArgumentList.Add(seed.ToString(CultureInfo.InvariantCulture));
        using Process child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.Contains($"seed {seed} hash {here.Hash:x16}", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_seeds_give_other_traces() => Assert.NotEqual(SimulationRun.Of(7).Hash, SimulationRun.Of(8).Hash);
}
