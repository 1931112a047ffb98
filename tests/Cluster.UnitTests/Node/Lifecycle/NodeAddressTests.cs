using Cluster.Api.V1;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Node.Lifecycle;

/// <summary>Managers that are reached by names, and that come back elsewhere: daemons with real managers, which find each other over real TLS.</summary>
public sealed class NodeAddressTests
{
    [Fact]
    public async Task Managers_with_names_find_one_that_comes_back_at_another_address()
    {
        await using NodeDaemon first = await NodeDaemon.StartAsync("localhost");
        await using NodeDaemon second = await NodeDaemon.StartAsync("localhost");
        await using NodeDaemon third = await NodeDaemon.StartAsync("localhost");
        InitResponse init = await first.InitAsync();
        Assert.Equal(first.Address, init.ManagerAddress);
        await second.JoinAsync(init.ManagerToken, first.Address);
        await third.JoinAsync(init.ManagerToken, second.Address);
        Assert.Equal(Sorted(first.Address, second.Address, third.Address), await AddressesAsync(first));

        string before = second.Address;
        await second.MoveAsync("127.0.0.1");
        await second.RestartAsync();
        Assert.NotEqual(before, second.Address);
        await NodeDaemon.UntilAsync(async () => (await AddressesAsync(third)).SequenceEqual(Sorted(first.Address, second.Address, third.Address)));

        // Only the one that has moved and one that has not are left: they find each other, and its next start needs no option.
        await first.StopAsync();
        await third.CreateServiceAsync("without-the-first", "x");
        Assert.Equal(["without-the-first"], await second.ServicesAsync());
        await second.RestartAsync();
        Assert.Equal(LocalNodeState.Active, await second.StateAsync());
        await second.CreateServiceAsync("after-a-restart", "x");
        Assert.Equal(2, (await third.ServicesAsync()).Length);
    }

    [Fact]
    public async Task The_only_manager_comes_back_at_another_address_and_with_all_that_it_had()
    {
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        InitResponse init = await node.InitAsync();
        await node.CreateServiceAsync("kept", "x");
        await node.MoveAsync("localhost");
        await node.RestartAsync();
        Assert.Equal(["kept"], await node.ServicesAsync());
        await NodeDaemon.UntilAsync(async () => (await AddressesAsync(node)).SequenceEqual([node.Address]));
        Assert.Equal([node.Address], (await node.Node.GetStatusAsync(new GetNodeStatusRequest())).Managers);

        await using NodeDaemon second = await NodeDaemon.StartAsync();
        await second.JoinAsync(init.ManagerToken, node.Address);
        Assert.Equal(["kept"], await second.ServicesAsync());
    }

    [Fact]
    public async Task An_address_that_is_none_is_said_and_changes_nothing()
    {
        await using NodeDaemon node = await NodeDaemon.StartAsync();
        await node.InitAsync();
        byte[] keys = node.Disk().Single(file => Path.GetFileName(file.Path) == "keys").Content;
        await node.MoveAsync("no host");
        await node.RestartAsync();

        GetNodeStatusResponse status = await node.Node.GetStatusAsync(new GetNodeStatusRequest());
        Assert.Equal(LocalNodeState.Error, status.State);
        Assert.Contains("clusterd's option advertise-addr: 'no host:", status.Error, StringComparison.Ordinal);
        Assert.Equal(keys, node.Disk().Single(file => Path.GetFileName(file.Path) == "keys").Content);
        await node.RestartAsync();
        Assert.Equal(LocalNodeState.Active, await node.StateAsync());
    }

    private static async Task<string[]> AddressesAsync(NodeDaemon manager)
    {
        try
        {
            return Sorted([.. (await manager.Control.ListNodesAsync(new ListNodesRequest())).Nodes.Where(node => node.Manager is not null).Select(node => node.Manager.Address)]);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            // There is no leader at the moment.
            return [];
        }
    }

    private static string[] Sorted(params string[] addresses) => [.. addresses.Order(StringComparer.Ordinal)];
}
