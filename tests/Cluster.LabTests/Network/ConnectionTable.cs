using System.Globalization;
using System.Net;

namespace Cluster.LabTests.Network;

/// <summary>Reads /proc/net/tcp and tcp6.</summary>
internal static class ConnectionTable
{
    /// <summary>Established, and closed by the other end.</summary>
    private static readonly string[] Connected = ["01", "08"];

    /// <summary>The other ends' IPv4 addresses; the kernel writes them as hexadecimal numbers in the machine's order.</summary>
    public static IEnumerable<string> RemoteAddresses(string table)
    {
        foreach (string line in table.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int at = Array.FindIndex(words, word => Connected.Contains(word, StringComparer.Ordinal));
            if (at < 1) continue;
            string hex = words[at - 1].Split(':')[0];
            uint number = uint.Parse(hex[^8..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            yield return new IPAddress(BitConverter.GetBytes(number)).ToString();
        }
    }
}
