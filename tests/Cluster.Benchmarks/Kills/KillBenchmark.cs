using System.Collections.Concurrent;
using System.Globalization;
using Cluster.Benchmarks.Labs;
using Cluster.Benchmarks.Quorum;
using Grpc.Core;

namespace Cluster.Benchmarks.Kills;

/// <summary>
/// All three managers are killed with SIGKILL under load, again and again; after each start every acknowledged write must be there. Debian's etcd is the
/// control: the same clients, the same disk, the same check. <c>KILL_CYCLES</c> says how often (200).
/// </summary>
public static class KillBenchmark
{
    private const int Writers = 4;
    private const int ValueBytes = 64;
    private const int CyclesPerLine = 20;
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LifeSpread = TimeSpan.FromMilliseconds(1_300);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(TextWriter output, CancellationToken ct)
    {
        int cycles = int.TryParse(Environment.GetEnvironmentVariable("KILL_CYCLES"), CultureInfo.InvariantCulture, out int asked) ? asked : 200;
        await using (KilledCluster cluster = new(await BenchmarkLab.StartAsync(managers: 3, ct))) await KillAsync(output, cluster, cycles, ct);
        if (!EtcdGroup.IsInstalled)
        {
            await output.WriteLineAsync("kills: etcd is not installed (apt-get install etcd-server): no control");
            return;
        }

        string directory = Directory.CreateTempSubdirectory("cluster-kill-benchmark-").FullName;
        try
        {
            GroupIdentity identity = GroupIdentity.Create(Path.Combine(directory, "certificates"), members: 3);
            await using KilledEtcd etcd = new(await EtcdGroup.StartAsync(identity, directory, ValueBytes, ct));
            await KillAsync(output, etcd, cycles, ct);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task KillAsync(TextWriter output, IKilledGroup group, int cycles, CancellationToken ct)
    {
        Random random = new(1);
        (int acknowledged, int open, int lost) = (0, 0, 0);
        List<double> seconds = [];
        for (int cycle = 0; cycle < cycles; cycle++)
        {
            ConcurrentBag<string> kept = [];
            using CancellationTokenSource dying = new();
            Task<int>[] writers = [.. Enumerable.Range(0, Writers).Select(i => Task.Run(() => WriteAsync(group, string.Create(CultureInfo.InvariantCulture, $"k{cycle}-{i}-"), kept, dying.Token, ct), ct))];
            await Task.Delay(ShortestLife + (LifeSpread * random.NextDouble()), TimeProvider.System, ct);
            group.KillAll();
            await dying.CancelAsync();
            open += (await Task.WhenAll(writers)).Sum();
            long killed = TimeProvider.System.GetTimestamp();
            await group.StartAsync(ct);
            IReadOnlyList<string> keys = await group.KeysAsync(ct).WaitAsync(Limit, TimeProvider.System, ct);
            seconds.Add(TimeProvider.System.GetElapsedTime(killed).TotalSeconds);
            List<string> missing = [.. kept.Except(keys, StringComparer.Ordinal)];
            if (missing.Count > 0) await output.WriteLineAsync($"kills: {group.Name} lost {string.Join(' ', missing)} in cycle {cycle}");
            (acknowledged, lost) = (acknowledged + kept.Count, lost + missing.Count);
            await group.DeleteAsync(keys, ct).WaitAsync(Limit, TimeProvider.System, ct);
            if ((cycle + 1) % CyclesPerLine == 0)
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"kills: {group.Name,-7} {cycle + 1} kills so far: {acknowledged} writes acknowledged, {lost} of them lost"));
        }

        seconds.Sort();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"kills: {group.Name,-7} {cycles} kills of all three: {acknowledged} writes acknowledged, {lost} of them lost; {open} left open; from the kill to the first read: median {seconds[seconds.Count / 2]:F1} s, longest {seconds[^1]:F1} s"));
    }

    /// <summary>How many writes nobody answered.</summary>
    private static async Task<int> WriteAsync(IKilledGroup group, string prefix, ConcurrentBag<string> kept, CancellationToken dying, CancellationToken ct)
    {
        int open = 0;
        for (int i = 0; !dying.IsCancellationRequested; i++)
        {
            string key = prefix + i.ToString(CultureInfo.InvariantCulture);
            try
            {
                await group.PutAsync(key, ct);
                kept.Add(key);
            }
            catch (RpcException)
            {
                open++;
            }

            await Task.Delay(Pause, TimeProvider.System, ct);
        }

        return open;
    }
}
