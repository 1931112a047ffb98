using System.Net;
using Cluster.Model.Ids;

namespace Cluster.Network.Bridge;

/// <summary>Gives addresses of the bridge's subnet: the first free one after a place that the task's id says, so that a repeated choice is the same.</summary>
internal static class AddressPool
{
    /// <summary>The network's and the broadcast address, and the bridge's own, the first.</summary>
    private const uint Reserved = 3;

    public static IPAddress Gateway(IPNetwork subnet) => Subnet.Address(Subnet.Number(subnet.BaseAddress) + 1);

    /// <summary>Null when all are taken.</summary>
    public static IPAddress? Choose(IPNetwork subnet, TaskId taskId, IReadOnlySet<IPAddress> taken)
    {
        uint first = Subnet.Number(subnet.BaseAddress) + 2, count = Subnet.Size(subnet) - Reserved;
        uint start = (uint)(taskId.Value % count);
        for (uint i = 0; i < count; i++)
        {
            IPAddress address = Subnet.Address(first + (start + i) % count);
            if (!taken.Contains(address)) return address;
        }

        return null;
    }
}
