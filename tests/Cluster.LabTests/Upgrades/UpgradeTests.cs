using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Cluster.LabTests.Quorum;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Upgrades;

/// <summary>
/// A cluster gets a build of a higher feature level node by node, under load: the level rises with the last manager, nothing acknowledged is lost, no
/// container notices, and the older build refuses what the cluster has become.
/// </summary>
[Collection(UpgradeLabCollection.Name)]
public sealed class UpgradeTests(UpgradeLabFixture fixture, ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LimitOfCall = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Raises_the_feature_level_with_the_last_manager_and_refuses_the_older_build_then() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var (older, newer) = (Programs("CLUSTER_PROGRAMS"), Programs("CLUSTER_PROGRAMS_NEXT"));
            var random = new Random(Repetitions.Seed());
            var untouched = await WebService.CreateAsync(lab, "untouched", ct);
            var containers = (await lab.ContainersAsync(ct)).ToHashSet();
            var managers = lab.Managers.Select(lab.Connect).ToList();
            var before = await managers[0].FeatureLevelAsync(LimitOfCall, ct);
            using var load = await LabelLoad.StartAsync(managers, random, ct);

            // The leader before the last one, so that both builds lead for a while.
            var leader = await QuorumState.LeaderAsync(lab, lab.Managers[0], ct);
            var last = lab.Managers.Last(manager => manager != leader);
            foreach (var host in lab.Workers.Concat(lab.Managers.Where(manager => manager != leader && manager != last)).Append(leader))
            {
                await lab.UpgradeAsync(host, newer, ct);
                await QuorumState.IsWholeAsync(lab, ct);
                Assert.Equal(before, await managers[0].FeatureLevelAsync(LimitOfCall, ct));
            }

            await lab.UpgradeAsync(last, newer, ct);
            await Eventually.HoldsAsync("the level rises", Limit, async token =>
            {
                var level = await managers[0].FeatureLevelAsync(LimitOfCall, token);
                return level == before + 1 ? null : $"{level}";
            }, ct);
            await load.StopAsync();
            await QuorumState.IsWholeAsync(lab, ct);
            output.WriteLine($"{load.Acknowledged} labels acknowledged");
            await load.CheckAndRemoveAsync(managers, random, ct);

            await RefusesAsync(lab, last, older, before, ct);
            await lab.UpgradeAsync(last, newer, ct);
            await QuorumState.IsWholeAsync(lab, ct);
            Assert.Superset(containers, (await lab.ContainersAsync(ct)).ToHashSet());
            managers.ForEach(manager => manager.Dispose());
            await untouched.RemoveAsync(ct);
        });

    private static async Task RefusesAsync(Lab lab, string host, string older, int level, CancellationToken ct)
    {
        await lab.UpgradeAsync(host, older, ct);
        await Eventually.HoldsAsync($"{host} refuses the newer state", Limit, async token =>
        {
            var log = (await lab.RunAsync(["logs", host, "-n60"], token)).OrThrow().Output;
            return log.Contains($"at feature level {level + 1}", StringComparison.Ordinal) && log.Contains($"up to level {level}", StringComparison.Ordinal) && log.Contains("clusterd ends", StringComparison.Ordinal)
                ? null
                : log;
        }, ct);
    }

    private static string Programs(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } directory
            ? directory
            : throw new InvalidOperationException($"{variable} does not name a directory with programs: run this test with deploy/test, which builds them");
}
