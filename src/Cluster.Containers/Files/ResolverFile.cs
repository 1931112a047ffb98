using System.Text;
using Cluster.Model.Specs;

namespace Cluster.Containers.Files;

/// <summary>A container's /etc/resolv.conf.</summary>
internal static class ResolverFile
{
    /// <summary>The service's own settings, else the network's name servers. The host's file as it is, when the container is on its network.</summary>
    public static string Render(DnsSpec dns, IEnumerable<string> networkServers, string? hostsOwn)
    {
        bool isGiven = !dns.Servers.IsEmpty || !dns.Search.IsEmpty || !dns.Options.IsEmpty;
        if (hostsOwn is not null && !isGiven) return hostsOwn;
        StringBuilder text = new();
        foreach (string server in dns.Servers.IsEmpty ? networkServers : dns.Servers) text.Append("nameserver ").Append(server).Append('\n');
        if (!dns.Search.IsEmpty) text.Append("search ").AppendJoin(' ', dns.Search).Append('\n');
        if (!dns.Options.IsEmpty) text.Append("options ").AppendJoin(' ', dns.Options).Append('\n');
        return text.ToString();
    }
}
