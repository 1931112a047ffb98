using System.Text;

namespace Cluster.Containers.Files;

/// <summary>A container's /etc/hosts.</summary>
internal static class HostsFile
{
    private const string Basis =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

    /// <param name="hostsOwn">The host's file, for containers on its network; null for others.</param>
    /// <param name="extra"><c>name:address</c></param>
    public static string Render(string hostname, IEnumerable<string> addresses, IEnumerable<string> extra, string? hostsOwn)
    {
        StringBuilder text = new(hostsOwn ?? Basis);
        if (text.Length > 0 && text[^1] != '\n') text.Append('\n');
        foreach (string line in extra)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0) text.Append(line.AsSpan(colon + 1)).Append('\t').Append(line.AsSpan(0, colon)).Append('\n');
        }

        foreach (string address in addresses) text.Append(AddressOnly(address)).Append('\t').Append(hostname).Append('\n');
        return text.ToString();
    }

    private static string AddressOnly(string address)
    {
        int slash = address.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? address : address[..slash];
    }
}
