using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Cluster.LabTests.Quorum;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Recovery;

/// <summary>Two of three managers are lost under load, and the third goes on alone; when the others come back they are workers, until they are promoted.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class ForceNewClusterTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_leader_goes_on_alone_with_all_that_was_acknowledged() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var random = new Random(Repetitions.Seed());
            var untouched = await WebService.CreateAsync(lab, "untouched", ct);
            var containers = (await lab.ContainersAsync(ct)).ToHashSet();
            var managers = lab.Managers.Select(lab.Connect).ToList();
            using var load = await LabelLoad.StartAsync(managers, random, ct);
            var leader = await QuorumState.LeaderAsync(lab, lab.Managers[0], ct);
            List<string> others = [.. lab.Managers.Where(manager => manager != leader)];

            foreach (var other in others)
            {
                await lab.KillDaemonAsync(other, ct);
            }

            (await lab.ClusterAsync(leader, ["node", "init", "--force-new-cluster"], ct)).OrThrow();
            await GoesOnAsync(load, ct);
            foreach (var other in others)
            {
                await lab.StartAsync(other, ct);
                await AreReadyAsync(lab, leader, ct);
                (await lab.ClusterAsync(leader, ["node", "promote", other], ct)).OrThrow();
            }

            await QuorumState.IsWholeAsync(lab, ct);
            await load.StopAsync();
            output.WriteLine($"{leader} went on alone; {load.Acknowledged} labels acknowledged");
            await load.CheckAndRemoveAsync(managers, random, ct);
            Assert.Superset(containers, (await lab.ContainersAsync(ct)).ToHashSet());
            managers.ForEach(manager => manager.Dispose());
            await untouched.RemoveAsync(ct);
        });

    private static async Task GoesOnAsync(LabelLoad load, CancellationToken ct)
    {
        var before = load.Acknowledged;
        await Eventually.HoldsAsync("changes are acknowledged again", Limit, _ => Task.FromResult(load.Acknowledged > before + 3 ? null : $"{load.Acknowledged - before}"), ct);
    }

    private static async Task AreReadyAsync(Lab lab, string asked, CancellationToken ct) =>
        await Eventually.HoldsAsync("the manager that came back is a worker, and ready", Limit, async token =>
        {
            var nodes = await lab.NodesAsync(asked, token);
            return nodes.All(node => node.Status == "Ready" || node.ManagerStatus.Length == 0) && nodes.Count(node => node.Status == "Ready") >= 4 ? null : string.Join('\n', nodes);
        }, ct);
}
