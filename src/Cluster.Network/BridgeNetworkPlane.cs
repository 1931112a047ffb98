using System.Net;
using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Network.Bridge;
using Cluster.Network.Forwarding;
using Cluster.Network.Namespaces;
using Cluster.Network.Netlink;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Network;

/// <summary>
/// <see cref="INetworkPlane"/> with a NATed bridge on each node. Works in the network namespace that the process runs in, and nowhere
/// else. What is given to whom stands in the kernel (names, aliases, the nftables table): nothing needs to be remembered, and each
/// operation lists, compares and changes. One operation at a time.
/// </summary>
public sealed partial class BridgeNetworkPlane : INetworkPlane, IDisposable
{
    private const string Loopback = "lo";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly RouteSocket _routes = new();
    private readonly NodeBridge _bridge;
    private readonly NamespaceStore _namespaces;
    private readonly PortForwards _forwards;
    private readonly ILogger<BridgeNetworkPlane> _logger;

    /// <exception cref="FormatException">The bridge's subnet is not one.</exception>
    public BridgeNetworkPlane(NetworkOptions options, ILogger<BridgeNetworkPlane> logger)
    {
        if (options.BridgeSubnet is { } subnet) BridgeSubnets.Parse(subnet);
        _logger = logger;
        _bridge = new NodeBridge(options);
        _namespaces = new NamespaceStore(Path.Combine(options.RunDirectory, "netns"));
        _forwards = new PortForwards(options.BridgeName);
    }

    public Task<NetworkSandbox> AttachAsync(NetworkRequest request, CancellationToken ct) => InTurnAsync($"attach task {request.TaskId} to the network", () => AttachInTurnAsync(request, ct), ct);

    public Task DetachAsync(TaskId taskId, CancellationToken ct) => InTurnAsync($"detach task {taskId} from the network", async () =>
    {
        await DetachInTurnAsync(taskId, ct);
        return true;
    }, ct);

    public Task ReconcileAsync(IReadOnlyCollection<NetworkRequest> wanted, CancellationToken ct) => InTurnAsync("reconcile the network of the tasks", async () =>
    {
        await RemoveOthersAsync(wanted.Where(request => request.Mode != NetworkMode.Host).Select(request => request.TaskId).ToHashSet(), ct);
        foreach (NetworkRequest request in wanted.OrderBy(request => request.TaskId)) await AttachInTurnAsync(request, ct);
        return true;
    }, ct);

    /// <summary>For leaving a cluster: removes every task's network, the bridge and the rules. The forwarding of packets stays enabled.</summary>
    public Task DestroyAsync(CancellationToken ct) => InTurnAsync("remove the network of the tasks", async () =>
    {
        await RemoveOthersAsync(new HashSet<TaskId>(), ct);
        _bridge.Remove(_routes);
        await _forwards.RemoveTableAsync(ct);
        return true;
    }, ct);

    public void Dispose()
    {
        _routes.Dispose();
        _turn.Dispose();
    }

    private async Task<NetworkSandbox> AttachInTurnAsync(NetworkRequest request, CancellationToken ct)
    {
        if (request.Mode == NetworkMode.Host) return new NetworkSandbox(NetworkMode.Host, null, [], []);
        using RouteSocket inside = await _namespaces.EnsureAsync(request.TaskId);
        if (inside.FindLink(Loopback) is { } loopback) inside.SwitchOn(loopback);
        string path = _namespaces.PathOf(request.TaskId);
        if (request.Mode == NetworkMode.None) return new NetworkSandbox(NetworkMode.None, path, [], []);

        (Link bridge, IPNetwork subnet) = _bridge.Ensure(_routes);
        IPAddress address = Plug(request.TaskId, bridge, subnet, inside);
        await _forwards.SetAsync(subnet, address, request.HostPorts, ct);
        return new NetworkSandbox(NetworkMode.Bridge, path, [address.ToString()], Nameservers.ForContainers());
    }

    /// <summary>Connects the namespace with the bridge, and gives the address inside.</summary>
    private IPAddress Plug(TaskId taskId, Link bridge, IPNetwork subnet, RouteSocket inside)
    {
        string name = TaskDevice.NameOf(taskId);
        IReadOnlyList<Link> links = _routes.Links();
        Link? link = links.FirstOrDefault(candidate => candidate.Name.Equals(name, StringComparison.Ordinal));
        TaskDevice? device = link is not null && TaskDevice.TryParse(link, out TaskDevice? known) && known.TaskId == taskId && subnet.Contains(known.Address) ? known : null;
        device ??= new TaskDevice(taskId, ChooseAddress(taskId, subnet, links));
        if (link is not null && inside.FindLink(TaskDevice.PeerName) is null)
        {
            _routes.Delete(link); // its other end is not there: of an earlier namespace
            link = null;
        }

        if (link is null)
        {
            using SafeFileHandle target = _namespaces.Open(taskId);
            _routes.AddVeth(name, TaskDevice.PeerName, Subnet.HardwareAddress(device.Address), target);
            link = _routes.FindLink(name) ?? throw new IOException($"the device {name} was made and is not there");
        }

        _routes.Join(link, bridge, device.Alias);
        Link peer = inside.FindLink(TaskDevice.PeerName) ?? throw new IOException($"the other end of {name} is not in its namespace");
        inside.AddAddress(peer, device.Address, subnet.PrefixLength);
        inside.SwitchOn(peer);
        inside.SetDefaultRoute(peer, AddressPool.Gateway(subnet));
        return device.Address;
    }

    private static IPAddress ChooseAddress(TaskId taskId, IPNetwork subnet, IReadOnlyList<Link> links)
    {
        HashSet<IPAddress> taken = [];
        foreach (Link link in links)
        {
            if (TaskDevice.TryParse(link, out TaskDevice? device)) taken.Add(device.Address);
        }

        return AddressPool.Choose(subnet, taskId, taken)
            ?? throw new RuntimeException($"all addresses of the bridge's subnet {subnet} are in use on this node", IsTemporary: true);
    }

    /// <summary>The rules first: as long as they are there, the device's alias must say whose they are.</summary>
    private async Task DetachInTurnAsync(TaskId taskId, CancellationToken ct)
    {
        if (_routes.FindLink(TaskDevice.NameOf(taskId)) is { } link)
        {
            if (TaskDevice.TryParse(link, out TaskDevice? device) && _bridge.Find(_routes) is { } bridge) await _forwards.SetAsync(bridge.Subnet, device.Address, [], ct);
            _routes.Delete(link);
        }

        _namespaces.Remove(taskId);
    }

    private async Task RemoveOthersAsync(HashSet<TaskId> wanted, CancellationToken ct)
    {
        foreach (TaskId taskId in _namespaces.List().Where(taskId => !wanted.Contains(taskId)))
        {
            LogLeftOver(taskId);
            await DetachInTurnAsync(taskId, ct);
        }

        HashSet<IPAddress> addresses = [];
        HashSet<string> names = [.. wanted.Select(TaskDevice.NameOf)];
        foreach (Link link in _routes.Links().Where(link => TaskDevice.IsName(link.Name)))
        {
            bool isOurs = TaskDevice.TryParse(link, out TaskDevice? device);
            if (isOurs && wanted.Contains(device!.TaskId)) addresses.Add(device.Address);
            else if (isOurs || _bridge.Find(_routes) is { } found && link.Master == found.Link.Index || !names.Contains(link.Name) && link.Alias.Length == 0 && link.Master == 0) _routes.Delete(link);
        }

        _forwards.Forget();
        if (_bridge.Find(_routes) is { } bridge) await _forwards.KeepOnlyAsync(bridge.Subnet, addresses, ct);
    }

    private async Task<T> InTurnAsync<T>(string operation, Func<Task<T>> body, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await body();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException($"{operation}: {e.Message}", IsTemporary: true, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    [LoggerMessage(LogLevel.Information, "the network of task {TaskId}, which is not wanted any more, is removed")]
    private partial void LogLeftOver(TaskId taskId);
}
