using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Quorum;

/// <summary>The root is exchanged while everything runs: nothing acknowledged is lost, no container notices, and a worker that slept comes back by itself.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class RootRotationTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    private const string Sleeper = "w2";

    [Fact]
    public async Task Exchanges_the_root_under_load_without_waiting_for_a_worker_that_is_down() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var random = new Random(Repetitions.Seed());
            var awake = lab.Hosts.Where(host => host != Sleeper).ToList();
            var untouched = await WebService.CreateAsync(lab, "untouched", ct);
            var (oldRoot, oldToken) = (await RootAsync(lab, ct), await TokenAsync(lab, ct));
            await lab.KillDaemonAsync(Sleeper, ct);
            await untouched.NodeIsAsync(Sleeper, "Down", ct);
            await untouched.IsCompleteAsync(awake, ct);
            var containers = (await lab.ContainersAsync(ct)).ToHashSet();

            var managers = lab.Managers.Select(lab.Connect).ToList();
            using var load = await LabelLoad.StartAsync(managers, random, ct);
            var before = load.Acknowledged;
            var rotated = (await lab.ClusterAsync(["node", "ca", "--rotate"], ct)).OrThrow();
            output.WriteLine(rotated.Errors);
            Assert.Contains("the cluster has its new root", rotated.Errors, StringComparison.Ordinal);
            Assert.NotEqual(oldRoot, await RootAsync(lab, ct));
            Assert.All((await lab.NodesAsync(ct)).Where(node => node.Host != Sleeper), node => Assert.Equal("Ready", node.Status));
            await load.StopAsync();
            output.WriteLine($"{load.Acknowledged - before} labels acknowledged meanwhile");
            await load.CheckAndRemoveAsync(managers, random, ct);
            managers.ForEach(manager => manager.Dispose());
            Assert.Superset(containers, (await lab.ContainersAsync(ct)).ToHashSet());

            await lab.StartAsync(Sleeper, ct);
            await untouched.NodeIsAsync(Sleeper, "Ready", ct);
            await untouched.IsCompleteAsync(lab.Hosts, ct);
            await JoinsAnewAsync(lab, oldToken, ct);
            await QuorumState.IsWholeAsync(lab, ct);
            await untouched.IsCompleteAsync(lab.Hosts, ct);
            await untouched.RemoveAsync(ct);
        });

    /// <summary>As a machine that was never in the cluster: refused with the token of before, taken with the present one.</summary>
    private static async Task JoinsAnewAsync(Lab lab, string oldToken, CancellationToken ct)
    {
        var nodes = (await lab.ClusterAsync(["node", "ls", "--format", "{{.ID}}|{{.Hostname}}"], ct)).OrThrow().Lines;
        var id = nodes.Single(line => line.EndsWith("|" + Sleeper, StringComparison.Ordinal)).Split('|')[0];
        var address = (await lab.ClusterAsync(["node", "join-token", "worker"], ct)).OrThrow().Lines.Single(line => line.Contains("node join", StringComparison.Ordinal)).Split(' ')[^1];
        (await lab.ClusterAsync(Sleeper, ["node", "leave"], ct)).OrThrow();
        (await lab.ClusterAsync(["node", "rm", "--force", id], ct)).OrThrow();

        var refused = await lab.ClusterAsync(Sleeper, ["node", "join", "--token", oldToken, address], ct);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("before the cluster's root certificate was exchanged", refused.Errors, StringComparison.Ordinal);
        (await lab.ClusterAsync(Sleeper, ["node", "join", "--token", await TokenAsync(lab, ct), address], ct)).OrThrow();
    }

    private static async Task<string> RootAsync(Lab lab, CancellationToken ct) => (await lab.ClusterAsync(["node", "ca"], ct)).OrThrow().Output;

    private static async Task<string> TokenAsync(Lab lab, CancellationToken ct) => (await lab.ClusterAsync(["node", "join-token", "worker", "-q"], ct)).OrThrow().Output.Trim();
}
