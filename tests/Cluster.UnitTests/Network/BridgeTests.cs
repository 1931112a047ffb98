using System.Net;
using Cluster.Model.Ids;
using Cluster.Model.States;
using Cluster.Network;
using Cluster.Network.Bridge;
using Cluster.Network.Forwarding;
using Cluster.Network.Netlink;
using Xunit;

namespace Cluster.UnitTests.Network;

public sealed class BridgeTests
{
    private static readonly IPNetwork Small = IPNetwork.Parse("10.1.2.0/28");
    private static readonly TaskId Id = TaskId.Parse("0123456789abcdefghijklmno");

    [Fact]
    public void Chooses_a_subnet_that_no_route_overlaps()
    {
        Assert.Equal("172.31.240.0/20", BridgeSubnets.Choose(null, []).ToString());
        Assert.Equal("172.30.240.0/20", BridgeSubnets.Choose(null, [IPNetwork.Parse("172.31.0.0/16")]).ToString());
        Assert.Equal("10.213.240.0/20", BridgeSubnets.Choose(null, [IPNetwork.Parse("172.16.0.0/12")]).ToString());
        Assert.Throws<IOException>(() => BridgeSubnets.Choose(null, [IPNetwork.Parse("0.0.0.0/1"), IPNetwork.Parse("128.0.0.0/1")]));
        Assert.Equal("10.0.0.0/24", BridgeSubnets.Choose("10.0.0.0/24", [IPNetwork.Parse("10.0.0.0/8")]).ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/30")]
    [InlineData("10.0.0.0/8")]
    [InlineData("fd00::/64")]
    [InlineData("bridge")]
    public void Refuses_what_is_no_sensible_subnet(string text) => Assert.Throws<FormatException>(() => BridgeSubnets.Parse(text));

    [Fact]
    public void Gives_every_address_once_and_the_same_one_again()
    {
        HashSet<IPAddress> taken = [];
        IPAddress first = AddressPool.Choose(Small, Id, taken)!;
        Assert.Equal(first, AddressPool.Choose(Small, Id, taken));
        while (AddressPool.Choose(Small, Id, taken) is { } address) Assert.True(taken.Add(address));
        Assert.Equal(Enumerable.Range(2, 13).Select(i => $"10.1.2.{i}"), taken.Select(address => address.ToString()).OrderBy(text => int.Parse(text.Split('.')[3], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal("10.1.2.1", AddressPool.Gateway(Small).ToString());
    }

    [Fact]
    public void A_cables_note_says_whose_it_is()
    {
        TaskDevice device = new(Id, IPAddress.Parse("10.1.2.3"));
        Assert.True(TaskDevice.TryParse(new Link(3, TaskDevice.NameOf(Id), device.Alias, 1), out TaskDevice? read));
        Assert.Equal(device, read);
        Assert.True(TaskDevice.NameOf(Id).Length <= 15);
        foreach (Link other in (Link[])[new(1, "eth0", device.Alias, 0), new(1, TaskDevice.NameOf(Id), "", 0), new(1, TaskDevice.NameOf(Id), "cluster task x 10.1.2.3", 0), new(1, "cluster0", "", 0)])
        {
            Assert.False(TaskDevice.TryParse(other, out _));
        }
    }

    [Fact]
    public void Renders_the_golden_table()
    {
        PortForward[] forwards =
        [
            new(PortProtocol.Tcp, 8081, IPAddress.Parse("172.31.240.6"), 80), new(PortProtocol.Udp, 53, IPAddress.Parse("172.31.240.5"), 5353),
            new(PortProtocol.Tcp, 8080, IPAddress.Parse("172.31.240.5"), 80),
        ];
        string golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Network", "table.golden.nft"));
        Assert.Equal(golden, NftRuleset.Render("cluster0", IPNetwork.Parse("172.31.240.0/20"), forwards));
    }

    [Fact]
    public void Reads_forwards_back()
    {
        const string json = """
            {"nftables": [{"metainfo": {}}, {"table": {"family": "ip"}},
             {"map": {"family": "ip", "name": "tcp_ports", "elem": [[8080, {"concat": ["172.31.240.5", 80]}], "odd", [1]]}},
             {"map": {"family": "ip", "name": "other", "elem": [[1, {"concat": ["172.31.240.5", 80]}]]}}, {"map": {"name": "udp_ports"}}]}
            """;
        Assert.Equal([new PortForward(PortProtocol.Tcp, 8080, IPAddress.Parse("172.31.240.5"), 80)], NftState.Parse(json));
    }

    [Fact]
    public void Passes_on_name_servers_that_a_container_can_reach() =>
        Assert.Equal(["192.0.2.53"], Nameservers.Parse(["# x", "nameserver 127.0.0.53", "nameserver\t192.0.2.53", "nameserver fe80::1", "search x", "nameserver"]));
}
