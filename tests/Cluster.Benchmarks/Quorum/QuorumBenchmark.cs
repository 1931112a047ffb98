using System.Globalization;

namespace Cluster.Benchmarks.Quorum;

/// <summary>
/// Entries per second of three processes over mutual TLS, each synced by a quorum before it counts, beside etcd on the same disk. A client calls the
/// leader over mutual TLS in both cases. Rounds are interleaved; what counts is the ratio.
/// </summary>
public static class QuorumBenchmark
{
    private const int Rounds = 5;
    private const int EntryBytes = 256;

    /// <summary>The runtime compiles what is called often a second and a third time, in every process, in the first seconds.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(TextWriter output, CancellationToken ct)
    {
        string directory = Directory.CreateTempSubdirectory("cluster-quorum-benchmark-").FullName;
        try
        {
            GroupIdentity identity = GroupIdentity.Create(Path.Combine(directory, "certificates"), members: 3);
            await using OwnGroup own = await OwnGroup.StartAsync(identity, directory, EntryBytes, ct);
            if (!EtcdGroup.IsInstalled) await output.WriteLineAsync("raft: etcd is not installed (apt-get install etcd-server): only the own figures");
            await using EtcdGroup? etcd = EtcdGroup.IsInstalled ? await EtcdGroup.StartAsync(identity, directory, EntryBytes, ct) : null;
            await output.WriteLineAsync($"raft: {EntryBytes}-byte entries, three processes, mutual TLS, median of {Rounds} rounds");
            await output.WriteLineAsync("raft: outstanding   group     entries/s    p50 ms    p99 ms   CPU µs and wake-ups per entry   ratio of entries/s (lowest to highest)");
            foreach (int outstanding in (int[])[1, 64]) await MeasureAsync(output, own, etcd, outstanding, ct);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task MeasureAsync(TextWriter output, OwnGroup own, EtcdGroup? etcd, int outstanding, CancellationToken ct)
    {
        IMeasuredGroup[] groups = etcd is null ? [own] : [own, etcd];
        List<Measured>[] rounds = [.. groups.Select(_ => new List<Measured>())];
        foreach (IMeasuredGroup group in groups) await RunAsync(group, outstanding, WarmUp, ct);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < groups.Length; i++) rounds[i].Add(await RunAsync(groups[i], outstanding, RoundTime, ct));
        }

        for (int i = 0; i < groups.Length; i++)
        {
            double[] ratios = [.. rounds[0].Zip(rounds[^1], (ours, theirs) => ours.PerSecond / theirs.PerSecond)];
            string ratio = i == 0 && etcd is not null ? $"{Median(ratios):F2} ({ratios.Min():F2} to {ratios.Max():F2})" : "";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"raft: {outstanding,11}   {groups[i].Name,-7} {Median(rounds[i].Select(r => r.PerSecond)),11:F0} {Median(rounds[i].Select(r => r.P50)),9:F2} {Median(rounds[i].Select(r => r.P99)),9:F2}   {Median(rounds[i].Select(r => r.Microseconds)),16:F0} {Median(rounds[i].Select(r => r.Switches)),12:F1}   {ratio}"));
        }
    }

    private static async Task<Measured> RunAsync(IMeasuredGroup group, int outstanding, TimeSpan time, CancellationToken ct)
    {
        (TimeSpan processor, long switches) = group.Cost;
        long begin = TimeProvider.System.GetTimestamp();
        List<double>[] times = await Task.WhenAll(Enumerable.Range(0, outstanding).Select(_ => Task.Run(LoopAsync, ct)));
        double seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        double[] all = [.. times.SelectMany(t => t).Order()];
        (TimeSpan processorAfter, long switchesAfter) = group.Cost;
        return new Measured(
            all.Length / seconds,
            all[all.Length / 2],
            all[(int)(all.Length * 0.99)],
            (processorAfter - processor).TotalMicroseconds / all.Length,
            (double)(switchesAfter - switches) / all.Length);

        async Task<List<double>> LoopAsync()
        {
            List<double> milliseconds = [];
            while (TimeProvider.System.GetElapsedTime(begin) < time)
            {
                long sent = TimeProvider.System.GetTimestamp();
                await group.AppendAsync(ct);
                milliseconds.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
            }

            return milliseconds;
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record Measured(double PerSecond, double P50, double P99, double Microseconds, double Switches);
}
