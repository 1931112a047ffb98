using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Quorum;

/// <summary>The number of managers changes under load: nothing acknowledged is lost, no container notices.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class ChangingQuorumTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    [Fact]
    public async Task Keeps_every_acknowledged_label_from_one_manager_to_three_to_five_to_three() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var random = new Random(Repetitions.Seed());
            var untouched = await WebService.CreateAsync(lab, "untouched", ct);
            var containers = (await lab.ContainersAsync(ct)).ToHashSet();
            var managers = lab.Managers.Select(lab.Connect).ToList();
            await ChangeAsync(lab, "demote", lab.Managers.Skip(1), managersThen: 1, ct);

            using var load = await LabelLoad.StartAsync(managers, random, ct);
            await ChangeAsync(lab, "promote", lab.Managers.Skip(1), managersThen: 3, ct);
            await ChangeAsync(lab, "promote", lab.Workers, managersThen: 5, ct);
            var all = lab.Hosts.Select(lab.Connect).ToList();
            await ChangeAsync(lab, "demote", lab.Workers, managersThen: 3, ct);
            await load.StopAsync();

            output.WriteLine($"{load.Acknowledged} labels acknowledged");
            await QuorumState.IsWholeAsync(lab, ct);
            await load.CheckAndRemoveAsync(managers, random, ct);
            Assert.Superset(containers, (await lab.ContainersAsync(ct)).ToHashSet());
            managers.Concat(all).ToList().ForEach(manager => manager.Dispose());
            await untouched.RemoveAsync(ct);
        });

    private static async Task ChangeAsync(Lab lab, string verb, IEnumerable<string> hosts, int managersThen, CancellationToken ct)
    {
        foreach (var host in hosts)
        {
            (await lab.ClusterAsync(["node", verb, host], ct)).OrThrow();
        }

        await QuorumState.HasManagersAsync(lab, managersThen, ct);
    }
}
