namespace Cluster.Network.Netlink;

/// <summary>Message types of linux/rtnetlink.h and linux/netlink.h.</summary>
internal enum NetlinkType : ushort
{
    Error = 2,
    Done = 3,
    NewLink = 16,
    DeleteLink = 17,
    GetLink = 18,
    NewAddress = 20,
    GetAddress = 22,
    NewRoute = 24,
    GetRoute = 26,
}

/// <summary>NLM_F_*. Replace and Exclude share their values with the two bits of Dump: they are of requests that change something.</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 1,
    Acknowledge = 4,
    Replace = 0x100,
    Exclude = 0x200,
    Dump = 0x300,
    Create = 0x400,
}

/// <summary>Attribute numbers, each of its own message: IFLA_*, IFLA_INFO_*, VETH_INFO_*, IFA_*, RTA_*.</summary>
internal static class NetlinkAttribute
{
    public const ushort LinkAddress = 1, LinkName = 3, LinkMaster = 10, LinkInfo = 18, LinkAlias = 20, LinkNamespaceFile = 28;
    public const ushort InfoKind = 1, InfoData = 2, VethPeer = 1;
    public const ushort AddressAddress = 1, AddressLocal = 2, AddressBroadcast = 4;
    public const ushort RouteDestination = 1, RouteOutput = 4, RouteGateway = 5;
}
