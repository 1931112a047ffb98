using System.Net;

namespace Cluster.Network.Bridge;

/// <summary>Chooses the subnet of a new bridge. Pure.</summary>
internal static class BridgeSubnets
{
    private const int LongestPrefix = 28, ShortestPrefix = 12;

    /// <summary>Far from what Docker (172.17-172.30, 192.168) and usual sites take first.</summary>
    private static readonly string[] Candidates =
        ["172.31.240.0/20", "172.30.240.0/20", "10.213.240.0/20", "10.87.240.0/20", "192.168.240.0/20", "10.199.240.0/20", "100.127.240.0/20"];

    /// <exception cref="FormatException">It is no IPv4 subnet of a sensible size.</exception>
    public static IPNetwork Parse(string text)
    {
        if (IPNetwork.TryParse(text, out IPNetwork subnet) && subnet.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            && subnet.PrefixLength is >= ShortestPrefix and <= LongestPrefix) return subnet;
        throw new FormatException($"'{text}' is not an IPv4 subnet of a size from /{ShortestPrefix} to /{LongestPrefix}, such as 172.31.240.0/20");
    }

    public static IPNetwork Choose(string? given, IReadOnlyCollection<IPNetwork> taken)
    {
        if (given is not null) return Parse(given);
        foreach (string candidate in Candidates)
        {
            IPNetwork subnet = IPNetwork.Parse(candidate);
            if (!taken.Any(other => Subnet.Overlap(other, subnet))) return subnet;
        }

        throw new IOException($"this node has routes into all of {string.Join(", ", Candidates)}: choose a free subnet for the bridge of its containers");
    }
}
