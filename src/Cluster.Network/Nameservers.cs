using System.Net;
using Cluster.Model.Specs;

namespace Cluster.Network;

/// <summary>The name servers of this node that a container can reach.</summary>
internal static class Nameservers
{
    /// <summary>systemd-resolved's list of the real servers, where /etc/resolv.conf names only its own on the loopback.</summary>
    private static readonly string[] Files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

    public static ValueList<string> ForContainers()
    {
        foreach (string file in Files)
        {
            if (!File.Exists(file)) continue;
            ValueList<string> servers = Parse(File.ReadLines(file)).ToValueList();
            if (!servers.IsEmpty) return servers;
        }

        return [];
    }

    /// <summary>IPv4 servers that are not on a loopback, which would be the container's own.</summary>
    internal static IEnumerable<string> Parse(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !words[0].Equals("nameserver", StringComparison.Ordinal)) continue;
            if (IPAddress.TryParse(words[1], out IPAddress? address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)) yield return words[1];
        }
    }
}
