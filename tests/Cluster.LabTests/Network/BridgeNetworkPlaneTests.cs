using System.Net;
using System.Net.Sockets;
using System.Text;
using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.LabTests.Containers;
using Cluster.LabTests.Labs;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Network;
using Cluster.Network.Forwarding;
using Cluster.Network.Namespaces;
using Cluster.Network.Netlink;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Cluster.LabTests.Network;

[Collection(EngineCollection.Name)]
public sealed class BridgeNetworkPlaneTests(EngineFixture fixture)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => EngineFixture.Ct;

    private NetworkOptions Options => new() { RunDirectory = fixture.Options.RunDirectory };

    [Fact]
    public Task Gives_the_modes_of_network_that_exist() => InNodeAsync(async plane =>
    {
        TaskId host = EngineFixture.NewTaskId(), none = EngineFixture.NewTaskId(), bridge = EngineFixture.NewTaskId();
        Assert.Null((await plane.AttachAsync(new NetworkRequest(host, NetworkMode.Host, []), Ct)).NamespacePath);
        Assert.Equal("lo:\n", await RunAsync(await plane.AttachAsync(new NetworkRequest(none, NetworkMode.None, []), Ct), none, "ls /sys/class/net | while read n; do echo $n:; done"));
        NetworkSandbox sandbox = await plane.AttachAsync(new NetworkRequest(bridge, NetworkMode.Bridge, []), Ct);
        string address = Assert.Single(sandbox.Addresses);
        Assert.StartsWith("172.31.2", address, StringComparison.Ordinal);
        string seen = await RunAsync(sandbox, bridge, "ip -o addr show eth0; ip route; ip -o link show lo");
        Assert.Contains($"inet {address}/20", seen, StringComparison.Ordinal);
        Assert.Contains("default via 172.31.240.1 dev eth0", seen, StringComparison.Ordinal);
        Assert.Contains("LOOPBACK,UP", seen, StringComparison.Ordinal);
    });

    [Fact]
    public Task Forwards_host_ports_from_outside_from_the_node_and_between_containers() => InNodeAsync(async plane =>
    {
        TaskId server = EngineFixture.NewTaskId(), client = EngineFixture.NewTaskId();
        NetworkSandbox sandbox = await plane.AttachAsync(new NetworkRequest(server, NetworkMode.Bridge, [new HostPort(PortProtocol.Tcp, 80, 8080)]), Ct);
        ContainerPlan plan = await ServeAsync(sandbox, server);
        try
        {
            Assert.Equal("172.31.240.1", await AskAsync(IPAddress.Loopback, 8080));
            using OutsideHost outside = await OutsideHost.JoinAsync(fixture.Options.RunDirectory);
            Assert.Equal("192.0.2.1", await AskAsync(IPAddress.Parse("192.0.2.1"), 8080));
            string answer = "";
            await outside.RunAsync(async () => answer = await AskAsync(IPAddress.Parse("192.0.2.1"), 8080));
            Assert.Equal("192.0.2.2", answer); // the client's own address

            NetworkSandbox other = await plane.AttachAsync(new NetworkRequest(client, NetworkMode.Bridge, []), Ct);
            string table = await RunAsync(other, client, "nc 192.0.2.1 8080 </dev/null");
            Assert.Contains("172.31.240.1", ConnectionTable.RemoteAddresses(table));

            await plane.DetachAsync(server, Ct);
            await Assert.ThrowsAnyAsync<SocketException>(() => AskAsync(IPAddress.Loopback, 8080));
        }
        finally
        {
            await fixture.RemoveAsync(plan.TaskId);
        }
    });

    [Fact]
    public Task Keeps_addresses_and_ports_over_a_restart_and_removes_what_is_not_wanted() => InNodeAsync(async plane =>
    {
        NetworkRequest kept = new(EngineFixture.NewTaskId(), NetworkMode.Bridge, [new HostPort(PortProtocol.Udp, 53, 5353)]);
        NetworkRequest left = new(EngineFixture.NewTaskId(), NetworkMode.Bridge, [new HostPort(PortProtocol.Tcp, 80, 8081)]);
        NetworkSandbox before = await plane.AttachAsync(kept, Ct);
        Assert.NotEqual(before.Addresses, (await plane.AttachAsync(left, Ct)).Addresses);

        using BridgeNetworkPlane restarted = new(Options, NullLogger<BridgeNetworkPlane>.Instance);
        Assert.Equal(before, await restarted.AttachAsync(kept, Ct));
        await restarted.ReconcileAsync([kept], Ct);
        Assert.Equal(before, await restarted.AttachAsync(kept, Ct));
        PortForward forward = Assert.Single(NftState.Parse((await NftTool.ListAsync(NftRuleset.Table, Ct))!));
        Assert.Equal(new PortForward(PortProtocol.Udp, 5353, IPAddress.Parse(before.Addresses[0]), 53), forward);
        Assert.Single(new RouteSocket().Links(), link => link.Name.StartsWith("cl", StringComparison.Ordinal) && link.Name.Length == 15);
        Assert.Equal([kept.TaskId], new NamespaceStore(fixture.Options.RunDirectory + "/netns").List());
    });

    [Fact]
    public Task Repairs_what_was_taken_away() => InNodeAsync(async plane =>
    {
        NetworkRequest request = new(EngineFixture.NewTaskId(), NetworkMode.Bridge, [new HostPort(PortProtocol.Tcp, 80, 8082)]);
        NetworkSandbox before = await plane.AttachAsync(request, Ct);
        using RouteSocket routes = new();
        routes.Delete(routes.FindLink("cluster0")!);
        await NftTool.ApplyAsync(NftRuleset.Removal, Ct);
        await plane.ReconcileAsync([request], Ct);
        Assert.Equal(before, await plane.AttachAsync(request, Ct));
        Assert.Single(NftState.Parse((await NftTool.ListAsync(NftRuleset.Table, Ct))!));
        Assert.NotNull(routes.FindLink("cluster0"));
    });

    [Fact]
    public Task Attach_and_detach_can_be_repeated_and_leave_nothing() => InNodeAsync(async plane =>
    {
        NetworkRequest request = new(EngineFixture.NewTaskId(), NetworkMode.Bridge, [new HostPort(PortProtocol.Tcp, 80, 8083)]);
        NetworkSandbox first = await plane.AttachAsync(request, Ct);
        Assert.Equal(first, await plane.AttachAsync(request, Ct));
        await plane.DetachAsync(request.TaskId, Ct);
        await plane.DetachAsync(request.TaskId, Ct);
        Assert.Empty(NftState.Parse((await NftTool.ListAsync(NftRuleset.Table, Ct))!));
        Assert.Empty(new NamespaceStore(fixture.Options.RunDirectory + "/netns").List());
        await plane.DestroyAsync(Ct);
        await plane.DestroyAsync(Ct);
        Assert.Null(await NftTool.ListAsync(NftRuleset.Table, Ct));
        using RouteSocket routes = new();
        Assert.Equal(["lo"], routes.Links().Select(link => link.Name).Where(name => !name.StartsWith("tunl", StringComparison.Ordinal) && !name.StartsWith("sit", StringComparison.Ordinal) && !name.StartsWith("ip6", StringComparison.Ordinal)));
    });

    /// <summary>A node that is a network namespace of its own.</summary>
    private Task InNodeAsync(Func<BridgeNetworkPlane, Task> body) => IsolatedThread.RunAsync(async () =>
    {
        using RouteSocket routes = new();
        routes.SwitchOn(routes.FindLink("lo")!);
        using BridgeNetworkPlane plane = new(Options, NullLogger<BridgeNetworkPlane>.Instance);
        try
        {
            await body(plane);
        }
        finally
        {
            await plane.DestroyAsync(Ct);
        }
    });

    private async Task<string> RunAsync(NetworkSandbox network, TaskId taskId, string script)
    {
        ContainerPlan plan = EngineFixture.Plan("sh", "-c", script) with { TaskId = taskId, Network = network };
        (ContainerExit exit, string stdout, string stderr) = await fixture.RunAsync(plan);
        return exit.ExitCode == 0 ? stdout : throw new InvalidOperationException($"exit {exit.ExitCode}: {stderr}");
    }

    /// <summary>A server that answers with its established connections, in the kernel's form.</summary>
    private async Task<ContainerPlan> ServeAsync(NetworkSandbox network, TaskId taskId)
    {
        ContainerPlan plan = EngineFixture.Plan("nc", "-ll", "-p", "80", "-e", "grep", "-hE", " (01|08) ", "/proc/net/tcp", "/proc/net/tcp6") with { TaskId = taskId, Network = network };
        await fixture.Runtime.PrepareAsync(plan, Ct);
        int pid = await fixture.Runtime.StartAsync(plan.TaskId, Ct);
        await Eventually.HoldsAsync("the server listens", Limit, async _ =>
            (await File.ReadAllTextAsync($"/proc/{pid}/net/tcp", Ct) + await File.ReadAllTextAsync($"/proc/{pid}/net/tcp6", Ct)).Contains(":0050 ", StringComparison.Ordinal) ? null : "not yet", Ct);
        return plan;
    }

    /// <summary>The address of this side as the server sees it, out of its table of connections.</summary>
    private static async Task<string> AskAsync(IPAddress address, int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20), TimeProvider.System);
        await socket.ConnectAsync(address, port, patience.Token);
        int own = ((IPEndPoint)socket.LocalEndPoint!).Port;
        using NetworkStream stream = new(socket);
        using StreamReader reader = new(stream, Encoding.UTF8);
        string text = await reader.ReadToEndAsync(patience.Token);
        return ConnectionTable.RemoteAddresses(text).FirstOrDefault() ?? $"nothing for port {own} in {text}";
    }
}
