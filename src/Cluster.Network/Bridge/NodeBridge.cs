using System.Net;
using Cluster.Network.Netlink;

namespace Cluster.Network.Bridge;

/// <summary>The node's bridge with its subnet. Made when the first task needs it; its own address says which subnet it has.</summary>
internal sealed class NodeBridge(NetworkOptions options)
{
    /// <summary>Null while there is none.</summary>
    public (Link Link, IPNetwork Subnet)? Find(RouteSocket routes)
    {
        if (routes.FindLink(options.BridgeName) is not { } link) return null;
        foreach ((int index, IPNetwork subnet, _) in routes.Addresses())
        {
            if (index == link.Index) return (link, subnet);
        }

        return null;
    }

    public (Link Link, IPNetwork Subnet) Ensure(RouteSocket routes)
    {
        if (Find(routes) is { } existing)
        {
            routes.SwitchOn(existing.Link);
            Configure();
            return existing;
        }

        Link? unfinished = routes.FindLink(options.BridgeName);
        if (unfinished is not null) routes.Delete(unfinished);
        IPNetwork subnet = BridgeSubnets.Choose(options.BridgeSubnet, routes.Destinations());
        IPAddress gateway = AddressPool.Gateway(subnet);
        routes.AddBridge(options.BridgeName, Subnet.HardwareAddress(gateway));
        Link link = routes.FindLink(options.BridgeName) ?? throw new IOException($"the bridge {options.BridgeName} was made and is not there");
        Configure();
        routes.AddAddress(link, gateway, subnet.PrefixLength);
        return (link, subnet);
    }

    public void Remove(RouteSocket routes)
    {
        if (routes.FindLink(options.BridgeName) is { } link) routes.Delete(link);
    }

    /// <summary>Packets between the bridge and the world are forwarded; those of the node's loopback may go to the bridge (see the guard chain).</summary>
    private void Configure()
    {
        Set("/proc/sys/net/ipv4/ip_forward", "1");
        Set($"/proc/sys/net/ipv4/conf/{options.BridgeName}/route_localnet", "1");
        string ipv6 = $"/proc/sys/net/ipv6/conf/{options.BridgeName}/disable_ipv6";
        if (File.Exists(ipv6)) Set(ipv6, "1");
    }

    private static void Set(string path, string value)
    {
        if (!File.ReadAllText(path).AsSpan().Trim().SequenceEqual(value)) File.WriteAllText(path, value);
    }
}
