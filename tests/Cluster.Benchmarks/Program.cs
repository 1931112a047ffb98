using Cluster.Benchmarks.Control;
using Cluster.Benchmarks.Create;
using Cluster.Benchmarks.Kills;
using Cluster.Benchmarks.Quorum;
using Cluster.Benchmarks.Raft;
using Cluster.Benchmarks.Rpc;
using Cluster.Benchmarks.Store;

namespace Cluster.Benchmarks;

/// <summary>Runs the benchmarks that are named, or all: <c>dotnet run -c Release --project tests/Cluster.Benchmarks -- store rpc</c>; see README.md.</summary>
internal static class Program
{
    private static readonly (string Name, Func<TextWriter, CancellationToken, Task> Run)[] Benchmarks =
    [
        ("store", StoreBenchmark.RunAsync),
        ("control", ControlBenchmark.RunAsync),
        ("rpc", RpcBenchmark.RunAsync),
        ("raftlog", RaftLogBenchmark.RunAsync),
        ("raft", QuorumBenchmark.RunAsync),
        ("create", CreateBenchmark.RunAsync),
        ("kills", KillBenchmark.RunAsync),
    ];

    public static async Task<int> Main(string[] args)
    {
        // A process of the benchmark's own, see Quorum.
        if (args is [GroupMember.Verb, .. string[] rest]) return await GroupMember.RunAsync(rest);

        string[] unknown = [.. args.Except(Benchmarks.Select(benchmark => benchmark.Name), StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            await Console.Error.WriteLineAsync($"there is no benchmark '{unknown[0]}'; there are: {string.Join(", ", Benchmarks.Select(benchmark => benchmark.Name))}");
            return 1;
        }

        foreach ((string name, Func<TextWriter, CancellationToken, Task> run) in Benchmarks)
        {
            if (args.Length == 0 || args.Contains(name, StringComparer.Ordinal)) await run(Console.Out, CancellationToken.None);
        }

        return 0;
    }
}
