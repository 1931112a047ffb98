using System.Net;

namespace Cluster.Network.Netlink;

/// <summary>The requests that are made of the kernel's routing tables. Pure.</summary>
internal static class RouteMessages
{
    private const byte Ipv4 = 2;
    private const uint Up = 1;
    private const NetlinkFlags Change = NetlinkFlags.Request | NetlinkFlags.Acknowledge;
    private const NetlinkFlags Make = Change | NetlinkFlags.Create | NetlinkFlags.Exclude;

    public static byte[] AddBridge(uint sequence, string name, ReadOnlySpan<byte> hardwareAddress) => new NetlinkWriter(NetlinkType.NewLink, Make, sequence)
        .LinkHeader(flags: Up, changed: Up)
        .Text(NetlinkAttribute.LinkName, name)
        .Bytes(NetlinkAttribute.LinkAddress, hardwareAddress)
        .Nest(NetlinkAttribute.LinkInfo, info => info.Text(NetlinkAttribute.InfoKind, "bridge"))
        .Build();

    /// <summary>A pair whose second end is made in another network namespace.</summary>
    public static byte[] AddVeth(uint sequence, string name, string peerName, byte[] peerHardwareAddress, int peerNamespaceFile) =>
        new NetlinkWriter(NetlinkType.NewLink, Make, sequence)
            .LinkHeader()
            .Text(NetlinkAttribute.LinkName, name)
            .Nest(NetlinkAttribute.LinkInfo, info => info
                .Text(NetlinkAttribute.InfoKind, "veth")
                .Nest(NetlinkAttribute.InfoData, data => data.Nest(NetlinkAttribute.VethPeer, peer => peer
                    .LinkHeader()
                    .Text(NetlinkAttribute.LinkName, peerName)
                    .Bytes(NetlinkAttribute.LinkAddress, peerHardwareAddress)
                    .Number(NetlinkAttribute.LinkNamespaceFile, peerNamespaceFile))))
            .Build();

    /// <summary>Puts a device under a bridge, notes a text on it, and switches it on.</summary>
    public static byte[] Join(uint sequence, int index, int master, string alias) => new NetlinkWriter(NetlinkType.NewLink, Change, sequence)
        .LinkHeader(index, Up, Up)
        .Number(NetlinkAttribute.LinkMaster, master)
        .Text(NetlinkAttribute.LinkAlias, alias)
        .Build();

    public static byte[] SwitchOn(uint sequence, int index) => new NetlinkWriter(NetlinkType.NewLink, Change, sequence).LinkHeader(index, Up, Up).Build();

    public static byte[] DeleteLink(uint sequence, int index) => new NetlinkWriter(NetlinkType.DeleteLink, Change, sequence).LinkHeader(index).Build();

    public static byte[] ListLinks(uint sequence) => new NetlinkWriter(NetlinkType.GetLink, NetlinkFlags.Request | NetlinkFlags.Dump, sequence).LinkHeader().Build();

    public static byte[] AddAddress(uint sequence, int index, IPAddress address, int prefixLength) => new NetlinkWriter(NetlinkType.NewAddress, Make, sequence)
        .AddressHeader(Ipv4, prefixLength, index)
        .Bytes(NetlinkAttribute.AddressLocal, address.GetAddressBytes())
        .Bytes(NetlinkAttribute.AddressAddress, address.GetAddressBytes())
        .Build();

    public static byte[] ListAddresses(uint sequence) =>
        new NetlinkWriter(NetlinkType.GetAddress, NetlinkFlags.Request | NetlinkFlags.Dump, sequence).AddressHeader(Ipv4, 0, 0).Build();

    public static byte[] SetDefaultRoute(uint sequence, int index, IPAddress gateway) =>
        new NetlinkWriter(NetlinkType.NewRoute, Change | NetlinkFlags.Create | NetlinkFlags.Replace, sequence)
            .RouteHeader(Ipv4, 0)
            .Bytes(NetlinkAttribute.RouteGateway, gateway.GetAddressBytes())
            .Number(NetlinkAttribute.RouteOutput, index)
            .Build();

    public static byte[] ListRoutes(uint sequence) =>
        new NetlinkWriter(NetlinkType.GetRoute, NetlinkFlags.Request | NetlinkFlags.Dump, sequence).RouteHeader(Ipv4, 0).Build();
}
