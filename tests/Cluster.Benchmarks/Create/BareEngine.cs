using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Containers;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Benchmarks.Create;

/// <summary>A containerd of its own and nothing of a cluster: the same containers, made and started as an agent would, as many at a time.</summary>
internal sealed class BareEngine : IAsyncDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("cluster-create-benchmark-").FullName;
    private readonly string _run = Directory.CreateDirectory($"/run/cluster-benchmark-{Environment.ProcessId}").FullName;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ContainerEngine _engine;
    private readonly Task _running;
    private ulong _lastTask;

    private BareEngine()
    {
        _engine = new ContainerEngine(
            new ContainerEngineOptions { StateDirectory = _state, RunDirectory = _run, Namespace = Path.GetFileName(_run) },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        _running = _engine.RunAsync(_stopping.Token);
    }

    public static async Task<BareEngine> StartAsync(string imageArchive, CancellationToken ct)
    {
        var engine = new BareEngine();
        try
        {
            await (await Task.WhenAny(engine._running, engine._engine.WaitReadyAsync(ct)));
            await using FileStream archive = File.OpenRead(imageArchive);
            await engine._engine.Images.LoadAsync(archive, ct);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <returns>The time until all of them ran; then they are removed.</returns>
    public async Task<TimeSpan> RunAsync(int containers, CancellationToken ct)
    {
        List<ContainerPlan> plans = [.. Enumerable.Range(0, containers).Select(_ => NewPlan())];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = containers, CancellationToken = ct };
        long begin = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(plans, parallel, async (plan, token) =>
        {
            await _engine.Runtime.PrepareAsync(plan, token);
            await _engine.Runtime.StartAsync(plan.TaskId, token);
        });
        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(begin);
        await Parallel.ForEachAsync(plans, parallel, async (plan, token) =>
        {
            await _engine.Runtime.RemoveAsync(plan.TaskId, token);
            await _engine.Runtime.RemoveLogsAsync(plan.TaskId, token);
        });
        return elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _engine.DestroyAsync(CancellationToken.None);
        }
        finally
        {
            await _stopping.CancelAsync();
            await _running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _engine.Dispose();
            _stopping.Dispose();
            foreach (string directory in (string[])[_state, _run])
                if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        }
    }

    private ContainerPlan NewPlan() => new()
    {
        TaskId = new TaskId(((UInt128)1 << 120) + ++_lastTask),
        ServiceId = new ServiceId(1),
        TaskName = "benchmark.1",
        Container = CreateBenchmark.Container,
        Network = new NetworkSandbox(NetworkMode.None, null, [], []),
    };
}
