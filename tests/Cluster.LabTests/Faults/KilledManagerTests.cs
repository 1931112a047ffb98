using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Faults;

/// <summary>The only manager's daemon is killed while clients change services: what was acknowledged is there when it is back.</summary>
[Collection(SmallLabCollection.Name)]
public sealed class KilledManagerTests(SmallLabFixture fixture, ITestOutputHelper output)
{
    private const string Manager = "m1";
    private static readonly TimeSpan FirstLife = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LimitOfKill = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Has_every_acknowledged_change_and_every_container_after_each_kill()
    {
        var kills = Repetitions.Of("LAB_MANAGER_KILLS", 6);
        var seed = Repetitions.Seed();
        output.WriteLine($"seed {seed}, {kills} kills");
        await fixture.RunAsync(output, (lab, ct) => KillAgainAndAgainAsync(lab, kills, seed, ct), kills * LimitOfKill);
    }

    private async Task KillAgainAndAgainAsync(Lab lab, int kills, int seed, CancellationToken ct)
    {
        var random = new Random(seed);
        var untouched = await WebService.CreateAsync(lab, "untouched", ct);
        var containers = await lab.ContainersAsync(ct);
        List<ChangingClient> clients = [.. Enumerable.Range(0, 3).Select(i => new ChangingClient(lab, $"client{i}-", isPlaced: i == 0, new Random(seed + 1 + i)))];
        var answered = new List<TimeSpan>();
        for (var kill = 0; kill < kills; kill++)
        {
            await KillUnderLoadAsync(lab, clients, kill == 0 ? FirstLife : LongestLife * random.NextDouble(), ct);
            answered.Add(await StartAsync(lab, ct));
            var rows = await SettledServicesAsync(lab, ct);
            var wrong = clients.SelectMany(client => client.Compare(rows)).ToList();
            Assert.True(wrong.Count == 0, $"after kill {kill + 1}:\n{string.Join('\n', wrong)}");
            Assert.Superset(containers.ToHashSet(), (await lab.ContainersAsync(ct)).ToHashSet());
        }

        answered.Sort();
        output.WriteLine(
            $"{clients.Sum(client => client.Acknowledged)} changes were acknowledged, {clients.Sum(client => client.Unanswered)} left open; from start to the "
            + $"first answer: median {answered[answered.Count / 2].TotalSeconds:F1} s, longest {answered[^1].TotalSeconds:F1} s");
        await RemoveChangedAsync(lab, ct);
        await untouched.IsCompleteAsync(lab.Hosts, ct);
        await untouched.RemoveAsync(ct);
    }

    /// <summary>The moment is chance: in the middle of whatever the manager does for its clients just then.</summary>
    private static async Task KillUnderLoadAsync(Lab lab, List<ChangingClient> clients, TimeSpan life, CancellationToken ct)
    {
        using var dying = new CancellationTokenSource();
        var running = clients.Select(client => client.RunAsync(dying.Token, ct)).ToList();
        await Task.WhenAny(Task.WhenAny(running), Task.Delay(life, TimeProvider.System, ct));
        await dying.CancelAsync();
        await lab.KillDaemonAsync(Manager, ct);
        await Task.WhenAll(running);
    }

    /// <returns>The time until it answered.</returns>
    private static async Task<TimeSpan> StartAsync(Lab lab, CancellationToken ct)
    {
        var begin = TimeProvider.System.GetTimestamp();
        await lab.StartAsync(Manager, ct);
        await Eventually.HoldsAsync("the manager answers", Limit, async token =>
        {
            var result = await lab.ClusterAsync(["service", "ls"], token);
            return result.ExitCode == 0 ? null : result.Errors;
        }, ct);
        return TimeProvider.System.GetElapsedTime(begin);
    }

    /// <summary>The services as soon as none of them is on its way out any more.</summary>
    private static async Task<IReadOnlyList<ServiceRow>> SettledServicesAsync(Lab lab, CancellationToken ct)
    {
        IReadOnlyList<ServiceRow> rows = [];
        await Eventually.HoldsAsync("services that are being removed are gone", Limit, async token =>
        {
            rows = await lab.ServicesAsync(token);
            return rows.Any(row => row.Replicas == 0) ? string.Join('\n', rows) : null;
        }, ct);
        return rows;
    }

    private static async Task RemoveChangedAsync(Lab lab, CancellationToken ct)
    {
        var names = (await lab.ServicesAsync(ct)).Select(row => row.Name).Where(name => name.StartsWith("client", StringComparison.Ordinal)).ToList();
        if (names.Count > 0)
        {
            (await lab.ClusterAsync(["service", "rm", .. names], ct)).OrThrow();
        }
    }
}
