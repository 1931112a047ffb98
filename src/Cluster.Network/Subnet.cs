using System.Buffers.Binary;
using System.Net;

namespace Cluster.Network;

/// <summary>Arithmetic on IPv4 subnets. Pure.</summary>
internal static class Subnet
{
    public static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    public static IPAddress Address(uint number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    public static IPNetwork Containing(IPAddress address, int prefixLength) => new(Address(Number(address) & Mask(prefixLength)), prefixLength);

    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    /// <summary>How many addresses it has.</summary>
    public static uint Size(IPNetwork subnet) => subnet.PrefixLength == 0 ? uint.MaxValue : 1u << (32 - subnet.PrefixLength);

    /// <summary>Locally administered, derived from the IPv4 address as Docker does: neighbours' tables stay true when an address is given again.</summary>
    public static byte[] HardwareAddress(IPAddress address) => [0x02, 0x42, .. address.GetAddressBytes()];

    private static uint Mask(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);
}
