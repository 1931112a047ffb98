using Cluster.Testing.Raft;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.UnitTests.Raft;

/// <summary>
/// Chaos under virtual time. Set RAFT_SEED to replay one seed, RAFT_SEEDS (first-last) to run others.
/// </summary>
public sealed class RaftRandomisedTests(ITestOutputHelper output)
{
    private static readonly string[] MustHappen =
    [
        "acknowledged", "crash", "crash of leader", "crash of all", "crash with unsynced writes", "disk full", "duplicated", "isolated",
        "isolated one way", "joined sync", "joint change", "lost", "partition", "pause", "proposal lost", "read", "read refused", "simple change",
        "slow disk", "snapshot saved", "snapshot sent", "storm", "terms", "transfer", "unreachable",
    ];

    [Fact]
    public void Keeps_every_promise_under_random_faults()
    {
        var (first, last) = Seeds();
        var coverage = new RaftCoverage();
        for (var seed = first; seed <= last; seed++)
        {
            var world = new RaftWorld(seed);
            try
            {
                world.Run();
            }
            catch (Exception e)
            {
                Assert.Fail(
                    $"Seed {seed} at {world.Timeline.Now} ms: {e.Message}\nReplay: RAFT_SEED={seed} dotnet test tests/Cluster.UnitTests " +
                    $"--filter FullyQualifiedName~{nameof(RaftRandomisedTests)}\n{world.Options}\n{e}");
            }

            coverage.Add(world.Coverage);
        }

        output.WriteLine($"Seeds {first} to {last}: {coverage}");
        if (last - first >= 100)
            Assert.All(MustHappen, what => Assert.True(coverage[what] > 0, $"'{what}' never happened"));
    }

    private static (int First, int Last) Seeds()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("RAFT_SEED"), out var seed))
            return (seed, seed);
        var range = Environment.GetEnvironmentVariable("RAFT_SEEDS")?.Split('-');
        return range is [var first, var last]
            ? (int.Parse(first, System.Globalization.CultureInfo.InvariantCulture), int.Parse(last, System.Globalization.CultureInfo.InvariantCulture))
            : (1, 250);
    }
}
