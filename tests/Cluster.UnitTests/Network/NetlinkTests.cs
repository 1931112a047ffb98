using System.Net;
using Cluster.Network.Netlink;
using Xunit;

namespace Cluster.UnitTests.Network;

/// <summary>The bytes as the kernel's headers define them, written down by hand.</summary>
public sealed class NetlinkTests
{
    [Fact]
    public void Adds_an_address() => Golden(
        "28000000 1400 0506 07000000 00000000" + // length, RTM_NEWADDR, REQUEST|ACK|EXCL|CREATE, sequence, port
        "02 14 00 00 05000000" + // IPv4, /20, device 5
        "0800 0200 ac1ff001" + // IFA_LOCAL
        "0800 0100 ac1ff001", // IFA_ADDRESS
        RouteMessages.AddAddress(7, 5, IPAddress.Parse("172.31.240.1"), 20));

    [Fact]
    public void Sets_the_default_route() => Golden(
        "2c000000 1800 0505 01000000 00000000" + // RTM_NEWROUTE, REQUEST|ACK|REPLACE|CREATE
        "02 00 00 00 fe 04 00 01 00000000" + // main table, static, universe, unicast
        "0800 0500 ac1ff001" + // RTA_GATEWAY
        "0800 0400 02000000", // RTA_OIF
        RouteMessages.SetDefaultRoute(1, 2, IPAddress.Parse("172.31.240.1")));

    [Fact]
    public void Adds_a_pair_with_its_other_end_in_another_namespace() => Golden(
        "70000000 1000 0506 01000000 00000000" + // RTM_NEWLINK
        "00 00 0000 00000000 00000000 00000000" +
        "0800 0300 636c3100" + // IFLA_IFNAME cl1
        "4800 1280" + // IFLA_LINKINFO, nested
        "0900 0100 7665746800 000000" + // IFLA_INFO_KIND veth
        "3800 0280" + // IFLA_INFO_DATA
        "3400 0180" + // VETH_INFO_PEER
        "00 00 0000 00000000 00000000 00000000" +
        "0900 0300 6574683000 000000" + // eth0
        "0a00 0100 0242ac1ff005 0000" + // IFLA_ADDRESS
        "0800 1c00 09000000", // IFLA_NET_NS_FD
        RouteMessages.AddVeth(1, "cl1", "eth0", [2, 0x42, 172, 31, 240, 5], 9));

    [Fact]
    public void Joins_a_device_to_a_bridge_with_a_note() => Golden(
        "30000000 1000 0500 03000000 00000000" +
        "00 00 0000 04000000 01000000 01000000" + // device 4, up
        "0800 0a00 02000000" + // IFLA_MASTER
        "0700 1400 616200 00", // IFLA_IFALIAS
        RouteMessages.Join(3, 4, 2, "ab"));

    [Fact]
    public void Reads_a_device_back()
    {
        byte[] message = RouteMessages.Join(3, 4, 2, "whose it is");
        ReadOnlyMemory<byte> rest = message;
        Assert.True(NetlinkReader.TryNext(ref rest, out NetlinkType type, out uint sequence, out ReadOnlyMemory<byte> payload));
        Assert.Equal((NetlinkType.NewLink, 3u, 0), (type, sequence, rest.Length));
        Assert.Equal(new Link(4, "", "whose it is", 2), Link.Parse(payload.Span));
    }

    [Fact]
    public void Truncated_input_ends_the_walk()
    {
        byte[] message = RouteMessages.Join(3, 4, 2, "ab");
        for (int length = 0; length < message.Length; length++)
        {
            ReadOnlyMemory<byte> rest = message.AsMemory(0, length);
            Assert.False(NetlinkReader.TryNext(ref rest, out _, out _, out _));
            Assert.True(NetlinkReader.Attribute(message.AsSpan(0, Math.Min(length, message.Length - 8)), 32, 99).IsEmpty);
        }
    }

    private static void Golden(string hex, byte[] message) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(message));
}
