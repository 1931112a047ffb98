using System.Globalization;

namespace Cluster.LabTests.Labs;

/// <summary>
/// One lab, driven by the script that people use (deploy/lab). Holds no state of its own, so it is right whatever a test did to the hosts.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="managers">How many managers it has.</param>
/// <param name="workers">How many workers it has.</param>
internal sealed class Lab(string name, int managers, int workers)
{
    public const string NamePrefix = "test";

    private static readonly string Script = FindScript();

    public IReadOnlyList<string> Managers { get; } = Names('m', managers);

    public IReadOnlyList<string> Workers { get; } = Names('w', workers);

    public IReadOnlyList<string> Hosts => [.. Managers, .. Workers];

    public async Task<CommandResult> RunAsync(IEnumerable<string> arguments, CancellationToken ct) =>
        await Command.RunAsync(Script, ["--name", name, .. arguments], ct);

    public async Task UpAsync(CancellationToken ct) => 
        (await RunAsync(["up", "--managers", Text(managers), "--workers", Text(workers), "--no-service"], ct)).OrThrow();

    public async Task DownAsync(CancellationToken ct) => (await RunAsync(["down"], ct)).OrThrow();

    public async Task KillDaemonAsync(string host, CancellationToken ct) => (await RunAsync(["kill", host], ct)).OrThrow();

    public async Task KillAllAsync(string host, CancellationToken ct) => (await RunAsync(["kill", host, "--all"], ct)).OrThrow();

    public async Task StartAsync(string host, CancellationToken ct) => (await RunAsync(["start", host], ct)).OrThrow();

    /// <summary>Replaces the host's programs by those of a directory, as an upgrade does.</summary>
    public async Task UpgradeAsync(string host, string programs, CancellationToken ct) => (await RunAsync(["upgrade", host, programs], ct)).OrThrow();

    public async Task CutAsync(string host, CancellationToken ct) => (await RunAsync(["cut", host], ct)).OrThrow();

    public async Task HealAsync(string host, CancellationToken ct) => (await RunAsync(["heal", host], ct)).OrThrow();

    /// <summary>Lets nothing through between two hosts.</summary>
    public async Task CutAsync(string host, string other, CancellationToken ct) => (await RunAsync(["cut", host, other], ct)).OrThrow();

    public async Task HealAsync(string host, string other, CancellationToken ct) => (await RunAsync(["heal", host, other], ct)).OrThrow();

    /// <summary>Fails, with the list, when any host has something that nobody owns.</summary>
    public async Task CheckAsync(CancellationToken ct) => (await RunAsync(["check"], ct)).OrThrow();

    /// <summary>Runs <c>cluster</c> on the first manager.</summary>
    public async Task<CommandResult> ClusterAsync(IEnumerable<string> arguments, CancellationToken ct) => await ClusterAsync(Managers[0], arguments, ct);

    public async Task<CommandResult> ClusterAsync(string host, IEnumerable<string> arguments, CancellationToken ct) =>
        await RunAsync(["exec", host, "cluster", .. arguments], ct);

    public async Task<IReadOnlyList<NodeRow>> NodesAsync(CancellationToken ct) => await NodesAsync(Managers[0], ct);

    /// <summary>The nodes as that manager shows them.</summary>
    public async Task<IReadOnlyList<NodeRow>> NodesAsync(string host, CancellationToken ct) =>
        [.. (await ClusterAsync(host, ["node", "ls", "--format", NodeRow.Format], ct)).OrThrow().Lines.Select(NodeRow.Parse)];

    public async Task<IReadOnlyList<TaskRow>> TasksAsync(string service, CancellationToken ct) =>
        [.. (await ClusterAsync(["service", "ps", service, "--no-trunc", "--format", TaskRow.Format], ct)).OrThrow().Lines.Select(TaskRow.Parse)];

    public async Task<IReadOnlyList<ServiceRow>> ServicesAsync(CancellationToken ct) =>
        [.. (await ClusterAsync(["service", "ls", "--format", ServiceRow.Format], ct)).OrThrow().Lines.Select(ServiceRow.Parse)];

    /// <summary>What containerd runs on the host, whether clusterd knows of it or not.</summary>
    public async Task<IReadOnlyList<ContainerRow>> ContainersAsync(string host, CancellationToken ct) =>
        [.. (await RunAsync(["exec", host, "ctr", "tasks", "list"], ct)).OrThrow().Lines.Skip(1).Select(line => ContainerRow.Parse(host, line))];

    /// <summary>What containerd runs on all hosts.</summary>
    public async Task<IReadOnlyList<ContainerRow>> ContainersAsync(CancellationToken ct) =>
        [.. (await Task.WhenAll(Hosts.Select(host => ContainersAsync(host, ct)))).SelectMany(rows => rows)];

    /// <summary>What all hosts keep on disk, with the logs of their daemons.</summary>
    public string StateDirectory => $"/var/lib/cluster-lab/{name}";

    /// <summary>Runs <c>cluster</c> on a host with a line on its standard input.</summary>
    public async Task<CommandResult> ClusterWithInputAsync(string host, string input, IEnumerable<string> arguments, CancellationToken ct) =>
        await Command.RunAsync(Script, ["--name", name, "exec", host, "cluster", .. arguments], input, ct);

    /// <summary>The manager's own socket, for calls without a process for each.</summary>
    public ManagerConnection Connect(string manager) => new($"/run/cluster-lab/{name}/{manager}/clusterd.sock", manager);

    /// <summary>The host's clusterd and containerd.</summary>
    public IReadOnlyList<HostProcess> Processes(string host) => HostProcess.List(name, host);

    private static IReadOnlyList<string> Names(char kind, int count) => [.. Enumerable.Range(1, count).Select(i => kind + Text(i))];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

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
