using System.Globalization;
using Cluster.LabTests.Labs;
using Xunit;

namespace Cluster.LabTests.Faults;

/// <summary>
/// A service with as many replicas as there are hosts, which a test breaks. Knows it from both sides, what the managers say and what containerd runs on each host:
/// both must agree before it counts as back.
/// </summary>
internal sealed class WebService(Lab lab, string name)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static async Task<WebService> CreateAsync(Lab lab, string name, CancellationToken ct)
    {
        (await lab.ClusterAsync(["service", "create", "--detach", "--name", name, "--replicas", Count(lab.Hosts.Count), "lab/web:1"], ct)).OrThrow();
        var service = new WebService(lab, name);
        await service.IsCompleteAsync(lab.Hosts, ct);
        return service;
    }

    /// <summary>Waits until all tasks run, each as one container on a host of these, and nothing else runs there.</summary>
    public async Task IsCompleteAsync(IReadOnlyList<string> hosts, CancellationToken ct) =>
        await Eventually.HoldsAsync($"{name} has {lab.Hosts.Count} replicas on {string.Join(' ', hosts)}", Limit, async token => await UnmetAsync(hosts, token), ct);

    public async Task NodeIsAsync(string host, string status, CancellationToken ct) =>
        await Eventually.HoldsAsync($"{host} is {status}", Limit, async token =>
        {
            var nodes = await lab.NodesAsync(token);
            return nodes.Any(node => node.Host == host && node.Status == status) ? null : string.Join('\n', nodes);
        }, ct);

    public async Task<IReadOnlyList<TaskRow>> RunningAsync(CancellationToken ct) =>
        [.. (await lab.TasksAsync(name, ct)).Where(task => task.IsRunning)];

    /// <summary>A container of the service on the host. The default spread puts one on each.</summary>
    public async Task<ContainerRow> ContainerOnAsync(string host, CancellationToken ct)
    {
        var containers = await lab.ContainersAsync(host, ct);
        Assert.NotEmpty(containers);
        return containers[0];
    }

    /// <summary>Removes the service and waits until its last container is gone.</summary>
    public async Task RemoveAsync(CancellationToken ct)
    {
        (await lab.ClusterAsync(["service", "rm", name], ct)).OrThrow();
        await Eventually.HoldsAsync($"no container of {name} is left", Limit, async token =>
        {
            var containers = await ContainersAsync(lab.Hosts, token);
            return containers.Count == 0 ? null : string.Join('\n', containers);
        }, ct);
    }

    private async Task<string?> UnmetAsync(IReadOnlyList<string> hosts, CancellationToken ct)
    {
        var tasks = await RunningAsync(ct);
        var containers = await ContainersAsync(hosts, ct);
        var wanted = tasks.Select(task => task.Id).Order(StringComparer.Ordinal);
        var actual = containers.Where(container => container.State == "RUNNING").Select(container => container.Id).Order(StringComparer.Ordinal);
        var agrees = tasks.Count == lab.Hosts.Count && tasks.All(task => hosts.Contains(task.Host)) && wanted.SequenceEqual(actual, StringComparer.Ordinal)
            && tasks.Select(task => task.Name).Distinct(StringComparer.Ordinal).Count() == lab.Hosts.Count;
        return agrees ? null : $"tasks:\n{string.Join('\n', await lab.TasksAsync(name, ct))}\ncontainers:\n{string.Join('\n', containers)}";
    }

    private async Task<IReadOnlyList<ContainerRow>> ContainersAsync(IReadOnlyList<string> hosts, CancellationToken ct)
    {
        var containers = new List<ContainerRow>();
        foreach (var host in hosts)
        {
            containers.AddRange(await lab.ContainersAsync(host, ct));
        }

        return containers;
    }

    private static string Count(int value) => value.ToString(CultureInfo.InvariantCulture);
}
