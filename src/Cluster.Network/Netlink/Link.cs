using System.Buffers.Binary;
using System.Text;

namespace Cluster.Network.Netlink;

/// <summary>A network device as the kernel reports it.</summary>
internal sealed record Link(int Index, string Name, string Alias, int Master)
{
    private const int FixedBytes = 16;

    public static Link Parse(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> master = NetlinkReader.Attribute(payload, FixedBytes, NetlinkAttribute.LinkMaster);
        return new Link(
            BinaryPrimitives.ReadInt32LittleEndian(payload[4..]),
            Text(NetlinkReader.Attribute(payload, FixedBytes, NetlinkAttribute.LinkName)),
            Text(NetlinkReader.Attribute(payload, FixedBytes, NetlinkAttribute.LinkAlias)),
            master.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(master) : 0);
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value.TrimEnd((byte)0));
}
