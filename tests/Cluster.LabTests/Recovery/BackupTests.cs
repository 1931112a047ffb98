using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Cluster.LabTests.Quorum;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Recovery;

/// <summary>All managers are lost, and a backup that was made under load makes one anew: the workers go on with it as they are.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class BackupTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Brings_back_all_that_was_acknowledged_before_it_was_made() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var random = new Random(Repetitions.Seed());
            var directory = Directory.CreateTempSubdirectory("cluster-backup-");
            try
            {
                var untouched = await WebService.CreateAsync(lab, "untouched", ct);
                var onWorkers = (await lab.ContainersAsync(ct)).Where(container => lab.Workers.Contains(container.Host)).ToHashSet();
                var managers = lab.Managers.Select(lab.Connect).ToList();
                using var load = await LabelLoad.StartAsync(managers, random, ct);
                await Eventually.HoldsAsync("labels are acknowledged", Limit, _ => Task.FromResult(load.Acknowledged > 30 ? null : $"{load.Acknowledged}"), ct);
                var backup = Path.Combine(directory.FullName, "cluster.backup");
                var counts = load.Counts();
                (await lab.ClusterAsync(["backup", "create", backup], ct)).OrThrow();
                await load.StopAsync();

                var lost = await LoseAllManagersAsync(lab, ct);
                (await lab.ClusterAsync(["backup", "restore", backup, "--advertise-addr", await AddressAsync(lab, ct)], ct)).OrThrow();
                await TakeBackAsync(lab, lost, ct);
                output.WriteLine($"{counts.Sum()} of {load.Acknowledged} labels were acknowledged before the backup");
                await load.CheckAsync(managers, counts, ct);
                await load.RemoveAsync(managers, random, ct);
                Assert.Superset(onWorkers, (await lab.ContainersAsync(ct)).ToHashSet());
                managers.ForEach(manager => manager.Dispose());
                await untouched.IsCompleteAsync(lab.Hosts, ct);
                await untouched.RemoveAsync(ct);
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        });

    /// <summary>Two are killed, and the first forgets that it was one.</summary>
    /// <returns>The id that the first one had.</returns>
    private static async Task<string> LoseAllManagersAsync(Lab lab, CancellationToken ct)
    {
        var id = (await lab.ClusterAsync(["info", "--format", "{{.NodeID}}"], ct)).OrThrow().Lines[0];
        foreach (var manager in lab.Managers.Skip(1))
        {
            await lab.KillDaemonAsync(manager, ct);
        }

        (await lab.ClusterAsync(["node", "leave", "--force"], ct)).OrThrow();
        return id;
    }

    /// <summary>The managers of before come back as workers of the restored cluster, and are promoted; the one that is another node now is forgotten.</summary>
    private static async Task TakeBackAsync(Lab lab, string lost, CancellationToken ct)
    {
        foreach (var manager in lab.Managers.Skip(1))
        {
            await lab.StartAsync(manager, ct);
        }

        await Eventually.HoldsAsync("all hosts are in the restored cluster", Limit, async token =>
        {
            var nodes = await lab.NodesAsync(token);
            return nodes.Count(node => node.Status == "Ready") == lab.Hosts.Count ? null : string.Join('\n', nodes);
        }, ct);
        (await lab.ClusterAsync(["node", "rm", "--force", lost], ct)).OrThrow();
        foreach (var manager in lab.Managers.Skip(1))
        {
            (await lab.ClusterAsync(["node", "promote", manager], ct)).OrThrow();
        }

        await QuorumState.IsWholeAsync(lab, ct);
    }

    private static async Task<string> AddressAsync(Lab lab, CancellationToken ct) =>
        (await lab.RunAsync(["exec", lab.Managers[0], "hostname", "-I"], ct)).OrThrow().Lines[0].Split(' ')[0];
}
