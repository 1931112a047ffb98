using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Faults;

/// <summary>A worker's daemon, all its processes or its network go away and come back.</summary>
[Collection(SmallLabCollection.Name)]
public sealed class LostWorkerTests(SmallLabFixture fixture, ITestOutputHelper output)
{
    private const string Worker = "w1";
    private static readonly string[] Others = ["m1", "w2"];

    [Fact]
    public async Task Keeps_its_containers_when_a_workers_daemon_is_killed_and_started() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var service = await WebService.CreateAsync(lab, "restarted", ct);
            var before = await service.ContainerOnAsync(Worker, ct);

            await lab.KillDaemonAsync(Worker, ct);
            await lab.StartAsync(Worker, ct);

            await service.NodeIsAsync(Worker, "Ready", ct);
            await service.IsCompleteAsync(lab.Hosts, ct);
            Assert.Equal(before, await service.ContainerOnAsync(Worker, ct));
            await service.RemoveAsync(ct);
        });

    [Fact]
    public async Task Removes_the_containers_that_were_replaced_while_a_workers_daemon_was_dead() =>
        await IsReplacedAndBackAsync("orphaned", (lab, ct) => lab.KillDaemonAsync(Worker, ct), (lab, ct) => lab.StartAsync(Worker, ct));

    [Fact]
    public async Task Is_back_at_three_when_a_worker_loses_all_its_processes() =>
        await IsReplacedAndBackAsync("crashed", (lab, ct) => lab.KillAllAsync(Worker, ct), (lab, ct) => lab.StartAsync(Worker, ct));

    [Fact]
    public async Task Has_no_duplicate_when_a_worker_that_was_cut_off_is_healed() =>
        await IsReplacedAndBackAsync("cut", (lab, ct) => lab.CutAsync(Worker, ct), (lab, ct) => lab.HealAsync(Worker, ct));

    private async Task IsReplacedAndBackAsync(string name, Func<Lab, CancellationToken, Task> lose, Func<Lab, CancellationToken, Task> bringBack) =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var service = await WebService.CreateAsync(lab, name, ct);

            await lose(lab, ct);
            await service.NodeIsAsync(Worker, "Down", ct);
            await service.IsCompleteAsync(Others, ct);
            await bringBack(lab, ct);

            await service.NodeIsAsync(Worker, "Ready", ct);
            await service.IsCompleteAsync(lab.Hosts, ct);
            await service.RemoveAsync(ct);
        });
}
