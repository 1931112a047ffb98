using System.Globalization;
using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Endurance;

/// <summary>A service is scaled up and down again and again: each time it gets there, and the daemons do not grow.</summary>
[Collection(SmallLabCollection.Name)]
public sealed class ScaleCyclesTests(SmallLabFixture fixture, ITestOutputHelper output)
{
    private const string Service = "cycled";
    private const int Replicas = 30;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LimitOfCycle = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Gets_to_thirty_and_to_none_in_every_cycle()
    {
        var cycles = Repetitions.Of("LAB_SCALE_CYCLES", 3);
        output.WriteLine($"{cycles} cycles; memory in MB, in parentheses what is allocated");
        await fixture.RunAsync(output, (lab, ct) => CycleAsync(lab, cycles, ct), cycles * LimitOfCycle);
    }

    private async Task CycleAsync(Lab lab, int cycles, CancellationToken ct)
    {
        (await lab.ClusterAsync(["service", "create", "--detach", "--name", Service, "--replicas", "0", "lab/web:1"], ct)).OrThrow();
        Print(lab, "before", TimeSpan.Zero, TimeSpan.Zero);
        for (var cycle = 1; cycle <= cycles; cycle++)
        {
            var up = await ScaleAsync(lab, Replicas, ct);
            var down = await ScaleAsync(lab, 0, ct);
            Print(lab, cycle.ToString(CultureInfo.InvariantCulture), up, down);
        }

        (await lab.ClusterAsync(["service", "rm", Service], ct)).OrThrow();
    }

    /// <summary>Done when the tasks and the containers are as many as that, on all hosts together.</summary>
    private static async Task<TimeSpan> ScaleAsync(Lab lab, int replicas, CancellationToken ct)
    {
        var begin = TimeProvider.System.GetTimestamp();
        (await lab.ClusterAsync(["service", "scale", "--detach", string.Create(CultureInfo.InvariantCulture, $"{Service}={replicas}")], ct)).OrThrow();
        await Eventually.HoldsAsync($"{Service} has {replicas} replicas", Limit, async token =>
        {
            var tasks = (await lab.TasksAsync(Service, token)).Count(task => task.IsRunning);
            var containers = (await lab.ContainersAsync(token)).Count;
            return (tasks, containers) == (replicas, replicas) ? null : $"{tasks} tasks, {containers} containers";
        }, ct);
        return TimeProvider.System.GetElapsedTime(begin);
    }

    private void Print(Lab lab, string cycle, TimeSpan up, TimeSpan down) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cycle,6}: up {up.TotalSeconds,5:F1} s, down {down.TotalSeconds,5:F1} s; ")
            + string.Join(", ", lab.Hosts.SelectMany(lab.Processes)));
}
