using System.Diagnostics;
using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Quorum;

/// <summary>The leader is killed under load: another goes on, nothing acknowledged is lost, no container notices.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class KilledLeaderTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    private const int Clients = 3;
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LimitOfKill = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Goes_on_with_another_leader_after_each_kill()
    {
        var kills = Repetitions.Of("LAB_LEADER_KILLS", 3);
        var seed = Repetitions.Seed();
        output.WriteLine($"seed {seed}, {kills} kills");
        await fixture.RunAsync(output, (lab, ct) => KillAgainAndAgainAsync(lab, kills, new Random(seed), ct), kills * LimitOfKill);
    }

    private async Task KillAgainAndAgainAsync(Lab lab, int kills, Random random, CancellationToken ct)
    {
        var untouched = await WebService.CreateAsync(lab, "untouched", ct);
        var containers = (await lab.ContainersAsync(ct)).ToHashSet();
        var managers = lab.Managers.Select(lab.Connect).ToList();
        var times = new List<TimeSpan>();
        for (var kill = 0; kill < kills; kill++)
        {
            var clients = Enumerable.Range(0, Clients).Select(i => new CreatingClient(managers, $"round{kill}-{i}-", new Random(random.Next()))).ToList();
            var before = await SentAsync(managers, ct);
            var (leader, time) = await KillUnderLoadAsync(lab, clients, LongestLife * random.NextDouble(), ct);
            times.Add(time);
            await lab.StartAsync(leader, ct);
            await QuorumState.IsWholeAsync(lab, ct);

            var services = await QuorumState.ServicesAsync(managers, ct);
            var created = clients.SelectMany(client => client.Names).ToList();
            var (assignments, bytes) = await SentSinceAsync(managers, before, restarted: leader, ct);
            output.WriteLine($"{leader} killed, {created.Count} creates acknowledged, the next after {time.TotalSeconds:F2} s; sent to agents: {assignments} assignments, {bytes} bytes");
            Assert.Equal(created.Append("untouched").Order(StringComparer.Ordinal), services.Keys.Order(StringComparer.Ordinal));
            Assert.Superset(containers, (await lab.ContainersAsync(ct)).ToHashSet());
            Assert.Equal(0, assignments);
            await QuorumState.RemoveAsync(managers[0], created.Select(name => services[name]), random, ct);
        }

        times.Sort();
        output.WriteLine($"from the kill to the next acknowledged create: median {times[times.Count / 2].TotalSeconds:F2} s, longest {times[^1].TotalSeconds:F2} s");
        managers.ForEach(manager => manager.Dispose());
        await untouched.IsCompleteAsync(lab.Hosts, ct);
        await untouched.RemoveAsync(ct);
    }

    private static async Task<Dictionary<string, (long Assignments, long Bytes)>> SentAsync(List<ManagerConnection> managers, CancellationToken ct)
    {
        var sent = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var manager in managers)
        {
            var (assignments, bytes) = await manager.SentAsync(Limit, ct);
            sent.Add(manager.Host, ((long)assignments, (long)bytes));
        }

        return sent;
    }

    /// <summary>What the agents were sent when they found other managers. Nothing changed for them: no assignment is a difference.</summary>
    private static async Task<(long Assignments, long Bytes)> SentSinceAsync(
        List<ManagerConnection> managers, Dictionary<string, (long Assignments, long Bytes)> before, string restarted, CancellationToken ct)
    {
        var (assignments, bytes) = (0L, 0L);
        foreach (var (host, now) in await SentAsync(managers, ct))
        {
            var then = host == restarted ? default : before[host];
            (assignments, bytes) = (assignments + now.Assignments - then.Assignments, bytes + now.Bytes - then.Bytes);
        }

        return (assignments, bytes);
    }

    /// <returns>Who was killed, and the time until a create was acknowledged that began after that.</returns>
    private static async Task<(string Leader, TimeSpan Time)> KillUnderLoadAsync(Lab lab, List<CreatingClient> clients, TimeSpan life, CancellationToken ct)
    {
        using var stopping = new CancellationTokenSource();
        var leader = await QuorumState.LeaderAsync(lab, lab.Managers[0], ct);
        var running = Task.WhenAll(clients.Select(client => client.RunAsync(stopping.Token, ct)));
        await Task.WhenAny(running, Task.Delay(life, TimeProvider.System, ct));

        // Not with the lab's script, whose own time would be in the figure.
        using var daemon = Process.GetProcessById(lab.Processes(leader).Single(process => process.Program == "clusterd").ProcessId);
        var moment = TimeProvider.System.GetTimestamp();
        daemon.Kill();
        await Eventually.HoldsAsync("every client goes on", Limit, _ => Task.FromResult(clients.All(client => client.FirstAfter(moment) is not null) ? null : "not yet"), ct);
        await stopping.CancelAsync();
        await running;

        // Dead long since for its clients, but perhaps not yet out of the machine.
        await Eventually.HoldsAsync("its process is gone", Limit, _ => Task.FromResult(lab.Processes(leader).FirstOrDefault(process => process.Program == "clusterd")?.ToString()), ct);
        return (leader, TimeProvider.System.GetElapsedTime(moment, clients.Min(client => client.FirstAfter(moment)!.Value)));
    }
}
