using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Quorum;

/// <summary>The leader reaches no worker: the other managers bring its changes there, and its word of who is alive is theirs.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class UnreachableLeaderTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Followers_deliver_changes_and_no_worker_is_given_up() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            // More than a node may be silent before it is taken for dead.
            var time = TimeSpan.FromSeconds(Repetitions.Of("LAB_CUT_SECONDS", 20));
            var leader = await QuorumState.LeaderAsync(lab, lab.Managers[0], ct);
            var untouched = await WebService.CreateAsync(lab, "untouched", ct);
            foreach (var worker in lab.Workers)
            {
                await lab.CutAsync(leader, worker, ct);
            }

            var cut = TimeProvider.System.GetTimestamp();
            (await lab.ClusterAsync(["service", "create", "--detach", "--name", "late", "--replicas", "2", "--constraint", "node.role==worker", "lab/web:1"], ct)).OrThrow();
            await RunAsync(lab, 2, ct);
            while (TimeProvider.System.GetElapsedTime(cut) < time)
            {
                Assert.All(await lab.NodesAsync(leader, ct), node => Assert.Equal("Ready", node.Status));
            }

            (await lab.ClusterAsync(["service", "scale", "--detach", "late=4"], ct)).OrThrow();
            await RunAsync(lab, 4, ct);
            Assert.Equal(leader, await QuorumState.LeaderAsync(lab, lab.Managers[0], ct));
            foreach (var worker in lab.Workers)
            {
                await lab.HealAsync(leader, worker, ct);
            }

            (await lab.ClusterAsync(["service", "rm", "late"], ct)).OrThrow();
            await untouched.IsCompleteAsync(lab.Hosts, ct);
            await untouched.RemoveAsync(ct);
        });

    private static async Task RunAsync(Lab lab, int count, CancellationToken ct) =>
        await Eventually.HoldsAsync($"{count} tasks run on the workers", Limit, async token =>
        {
            var tasks = await lab.TasksAsync("late", token);
            return tasks.Count(task => task.IsRunning && lab.Workers.Contains(task.Host)) == count ? null : string.Join('\n', tasks);
        }, ct);
}
