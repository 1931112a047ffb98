namespace Cluster.LabTests.Labs;

/// <summary>
/// One lab, driven by the script that people use (deploy/lab). Holds no state of its own, so it is right whatever a test did to the hosts.
/// </summary>
internal sealed class Lab(string name)
{
    public const string NamePrefix = "test";

    public static readonly IReadOnlyList<string> Hosts = ["m1", "w1", "w2"];

    private static readonly string Script = FindScript();

    public async Task<CommandResult> RunAsync(IEnumerable<string> arguments, CancellationToken ct) =>
        await Command.RunAsync(Script, ["--name", name, .. arguments], ct);

    public async Task UpAsync(CancellationToken ct) => (await RunAsync(["up", "--no-service"], ct)).OrThrow();

    public async Task DownAsync(CancellationToken ct) => (await RunAsync(["down"], ct)).OrThrow();

    public async Task KillDaemonAsync(string host, CancellationToken ct) => (await RunAsync(["kill", host], ct)).OrThrow();

    public async Task KillAllAsync(string host, CancellationToken ct) => (await RunAsync(["kill", host, "--all"], ct)).OrThrow();

    public async Task StartAsync(string host, CancellationToken ct) => (await RunAsync(["start", host], ct)).OrThrow();

    public async Task CutAsync(string host, CancellationToken ct) => (await RunAsync(["cut", host], ct)).OrThrow();

    public async Task HealAsync(string host, CancellationToken ct) => (await RunAsync(["heal", host], ct)).OrThrow();

    /// <summary>Fails, with the list, when any host has something that nobody owns.</summary>
    public async Task CheckAsync(CancellationToken ct) => (await RunAsync(["check"], ct)).OrThrow();

    /// <summary>Runs <c>cluster</c> on the manager.</summary>
    public async Task<CommandResult> ClusterAsync(IEnumerable<string> arguments, CancellationToken ct) =>
        await RunAsync(["exec", "m1", "cluster", .. arguments], ct);

    public async Task<IReadOnlyList<NodeRow>> NodesAsync(CancellationToken ct) =>
        [.. (await ClusterAsync(["node", "ls", "--format", NodeRow.Format], ct)).OrThrow().Lines.Select(NodeRow.Parse)];

    public async Task<IReadOnlyList<TaskRow>> TasksAsync(string service, CancellationToken ct) =>
        [.. (await ClusterAsync(["service", "ps", service, "--no-trunc", "--format", TaskRow.Format], ct)).OrThrow().Lines.Select(TaskRow.Parse)];

    public async Task<IReadOnlyList<ServiceRow>> ServicesAsync(CancellationToken ct) =>
        [.. (await ClusterAsync(["service", "ls", "--format", ServiceRow.Format], ct)).OrThrow().Lines.Select(ServiceRow.Parse)];

    /// <summary>What containerd runs on the host, whether clusterd knows of it or not.</summary>
    public async Task<IReadOnlyList<ContainerRow>> ContainersAsync(string host, CancellationToken ct) =>
        [.. (await RunAsync(["exec", host, "ctr", "tasks", "list"], ct)).OrThrow().Lines.Skip(1).Select(line => ContainerRow.Parse(host, line))];

    /// <summary>The host's clusterd and containerd.</summary>
    public IReadOnlyList<HostProcess> Processes(string host) => HostProcess.List(name, host);

    private static string FindScript()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            var script = Path.Combine(directory, "deploy", "lab");
            if (File.Exists(script))
            {
                return script;
            }
        }

        throw new InvalidOperationException($"deploy/lab is in no directory above {AppContext.BaseDirectory}: run the tests from a clone");
    }
}
