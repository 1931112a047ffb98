using System.Globalization;
using System.Text;
using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Containers;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Cluster.LabTests.Containers;

/// <summary>A real containerd of its own in temporary directories, with the busybox image; all of it goes with the fixture.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static int _lastTask;

    private CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public static CancellationToken Ct => new CancellationTokenSource(Patience).Token;

    public ContainerEngineOptions Options { get; } = NewOptions();

    public ContainerEngine Engine { get; private set; } = null!;

    public IContainerRuntime Runtime => Engine.Runtime;

    public static ContainerEngineOptions NewOptions()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"cltest-{Environment.ProcessId}-{Interlocked.Increment(ref _lastTask)}");
        return new ContainerEngineOptions { StateDirectory = "/var/tmp/" + name, RunDirectory = "/run/" + name, Namespace = name };
    }

    public async Task InitializeAsync()
    {
        await StartAsync();
        try
        {
            await Engine.Images.LoadAsync(new MemoryStream(new BusyboxImage().Build()), Ct);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        try
        {
            await Engine.DestroyAsync(Ct);
        }
        finally
        {
            await StopAgentAsync();
            foreach (string directory in (string[])[Options.StateDirectory, Options.RunDirectory])
            {
                if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
            }

            _stopping.Dispose();
        }
    }

    /// <summary>As if the agent's process ended and a new one began: containerd and the containers go on.</summary>
    public async Task RestartAgentAsync()
    {
        await StopAgentAsync();
        await StartAsync();
    }

    public static TaskId NewTaskId() => new(((UInt128)(uint)Environment.ProcessId << 64) + ((UInt128)1 << 120) + (UInt128)Interlocked.Increment(ref _lastTask));

    public static ContainerPlan Plan(params string[] arguments) => Plan(new ContainerSpec { Image = "lab/busybox:1", Args = arguments.ToValueList() });

    public static ContainerPlan Plan(ContainerSpec container) => new()
    {
        TaskId = NewTaskId(),
        ServiceId = new ServiceId(1),
        TaskName = "test.1",
        Container = container,
        Network = new NetworkSandbox(NetworkMode.None, null, [], ["192.0.2.53"]),
    };

    /// <summary>Runs a container to its end, and gives its exit and both outputs.</summary>
    public async Task<(ContainerExit Exit, string Stdout, string Stderr)> RunAsync(ContainerPlan plan)
    {
        try
        {
            await Runtime.PrepareAsync(plan, Ct);
            await Runtime.StartAsync(plan.TaskId, Ct);
            ContainerExit exit = await Runtime.WaitAsync(plan.TaskId, Ct);
            await Runtime.RemoveAsync(plan.TaskId, Ct);
            List<ContainerLogLine> lines = await LinesAsync(plan.TaskId, LogQuery.All);
            return (exit, Text(lines, ContainerStream.Stdout), Text(lines, ContainerStream.Stderr));
        }
        finally
        {
            await RemoveAsync(plan.TaskId);
        }
    }

    public async Task RemoveAsync(TaskId taskId)
    {
        await Runtime.RemoveAsync(taskId, Ct);
        await Runtime.RemoveLogsAsync(taskId, Ct);
    }

    public async Task<List<ContainerLogLine>> LinesAsync(TaskId taskId, LogQuery query)
    {
        List<ContainerLogLine> lines = [];
        await foreach (ContainerLogLine line in Runtime.ReadLogsAsync(taskId, query, Ct)) lines.Add(line);
        return lines;
    }

    public static string Text(IEnumerable<ContainerLogLine> lines, ContainerStream stream) =>
        string.Concat(lines.Where(line => line.Stream == stream).Select(line => Encoding.UTF8.GetString(line.Data.Span) + "\n"));

    private async Task StartAsync()
    {
        Engine = new ContainerEngine(Options, TimeProvider.System, NullLoggerFactory.Instance);
        _running = Engine.RunAsync(_stopping.Token);
        Task first = await Task.WhenAny(_running, Engine.WaitReadyAsync(Ct));
        await first;
    }

    private async Task StopAgentAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // as asked
        }

        Engine.Dispose();
        _stopping.Dispose();
        _stopping = new CancellationTokenSource();
    }
}
