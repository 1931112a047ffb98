using System.Globalization;
using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Faults;

/// <summary>A container dies; its slot gets a new one.</summary>
[Collection(SmallLabCollection.Name)]
public sealed class LostContainerTests(SmallLabFixture fixture, ITestOutputHelper output)
{
    [Fact]
    public async Task Replaces_a_container_that_is_killed() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var service = await WebService.CreateAsync(lab, "killed", ct);
            var victim = await service.ContainerOnAsync("w1", ct);

            (await Command.RunAsync("kill", ["-KILL", victim.ProcessId.ToString(CultureInfo.InvariantCulture)], ct)).OrThrow();

            await Eventually.HoldsAsync("the dead task is not running", TimeSpan.FromMinutes(1), async token =>
                (await service.RunningAsync(token)).Any(task => task.Id == victim.Id) ? $"{victim} still counts" : null, ct);
            await service.IsCompleteAsync(lab.Hosts, ct);
            await service.RemoveAsync(ct);
        });
}
