using System.Globalization;
using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Grpc.Core;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Quorum;

/// <summary>One manager is cut off from the others: it promises nothing and says nothing old; healed, all have one history.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class CutOffManagerTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    private const int Rounds = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LimitOfCall = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Acknowledges_nothing_and_serves_nobody_stale_while_it_is_alone(bool isLeader) =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var random = new Random(Repetitions.Seed());
            var untouched = await WebService.CreateAsync(lab, "untouched", ct);
            var leader = await QuorumState.LeaderAsync(lab, lab.Managers[0], ct);
            var cut = lab.Managers.First(manager => manager == leader == isLeader);

            // Its own container is replaced like that of any host that is not heard of for so long.
            var containers = (await lab.ContainersAsync(ct)).Where(container => container.Host != cut).ToHashSet();
            var managers = lab.Managers.Select(lab.Connect).ToList();
            var alone = managers.Single(manager => manager.Host == cut);
            List<ManagerConnection> others = [.. managers.Where(manager => manager.Host != cut)];

            await lab.CutAsync(cut, ct);
            var (kept, open) = await UseBothSidesAsync(alone, others, random, ct);
            await lab.HealAsync(cut, ct);

            await QuorumState.IsWholeAsync(lab, ct);
            var services = await QuorumState.ServicesAsync(managers, ct);
            output.WriteLine($"{cut} was alone: {kept.Count} kept by the others, {open.Count} asked of it, of which later {services.Keys.Intersect(open).Count()} came about");
            Assert.Superset(kept.ToHashSet(), services.Keys.ToHashSet());
            Assert.Superset(containers, (await lab.ContainersAsync(ct)).ToHashSet());
            await QuorumState.RemoveAsync(managers[0], services.Where(service => service.Key != "untouched").Select(service => service.Value), random, ct);
            managers.ForEach(manager => manager.Dispose());
            await untouched.IsCompleteAsync(lab.Hosts, ct);
            await untouched.RemoveAsync(ct);
        });

    [Fact]
    public async Task Goes_on_when_two_managers_do_not_reach_each_other() =>
        await fixture.RunAsync(output, async (lab, ct) =>
        {
            var managers = lab.Managers.Select(lab.Connect).ToList();
            var leader = await QuorumState.LeaderAsync(lab, lab.Managers[0], ct);
            var follower = lab.Managers.First(manager => manager != leader);
            var third = managers.Single(manager => manager.Host != leader && manager.Host != follower);

            await lab.CutAsync(leader, follower, ct);
            var (kept, random) = (new List<string>(), new Random(Repetitions.Seed()));
            for (var round = 0; round < Rounds; round++)
            {
                kept.Add(await KeepAsync([third], $"kept{round.ToString(CultureInfo.InvariantCulture)}-", random, ct));
            }

            await lab.HealAsync(leader, follower, ct);
            await QuorumState.IsWholeAsync(lab, ct);
            var services = await QuorumState.ServicesAsync(managers, ct);
            Assert.Equal(kept.Order(StringComparer.Ordinal), services.Keys.Order(StringComparer.Ordinal));
            await QuorumState.RemoveAsync(managers[0], services.Values, random, ct);
            managers.ForEach(manager => manager.Dispose());
        });

    /// <summary>Asks the one that is alone to create and to list, after each thing that the others have acknowledged.</summary>
    /// <returns>What the others acknowledged, and what was asked of the one alone.</returns>
    private static async Task<(List<string> Kept, List<string> Open)> UseBothSidesAsync(ManagerConnection alone, List<ManagerConnection> others, Random random, CancellationToken ct)
    {
        var (kept, open) = (new List<string>(), new List<string>());
        for (var round = 0; round < Rounds; round++)
        {
            var text = round.ToString(CultureInfo.InvariantCulture);
            kept.Add(await KeepAsync(others, $"kept{text}-", random, ct));
            open.Add($"open{text}");
            Assert.True(await IsUnansweredAsync(() => alone.CreateAsync(open[^1], CreatingClient.NewRequestId(random), LimitOfCall, ct)), $"{alone.Host} acknowledged a change while it was alone");
            Assert.True(await IsUnansweredAsync(() => alone.ListAsync(LimitOfCall, ct)), $"{alone.Host} listed services, of which it cannot know, while it was alone");
        }

        return (kept, open);
    }

    private static async Task<string> KeepAsync(List<ManagerConnection> managers, string name, Random random, CancellationToken ct)
    {
        var client = new CreatingClient(managers, name, random);
        await client.CreateAsync(ct).WaitAsync(Limit, TimeProvider.System, ct);
        return client.Names[0];
    }

    private static async Task<bool> IsUnansweredAsync(Func<Task> call)
    {
        try
        {
            await call();
            return false;
        }
        catch (RpcException e) when (CreatingClient.IsUnknown(e))
        {
            return true;
        }
    }
}
