using System.Globalization;
using System.Net;
using System.Text;
using Cluster.Model.States;

namespace Cluster.Network.Forwarding;

/// <summary>
/// The node's own nftables table, as one text that replaces it as a whole: nft applies it in one transaction, so there is no moment
/// without rules. Pure.
/// </summary>
internal static class NftRuleset
{
    public const string Table = "cluster_nat";

    public const string Removal = $"table ip {Table}\ndelete table ip {Table}\n";

    private static readonly (PortProtocol Protocol, string Name)[] Protocols = [(PortProtocol.Tcp, "tcp"), (PortProtocol.Udp, "udp"), (PortProtocol.Sctp, "sctp")];

    public static string Render(string bridge, IPNetwork subnet, IEnumerable<PortForward> forwards)
    {
        ILookup<PortProtocol, PortForward> byProtocol = forwards.OrderBy(forward => forward.Port).ToLookup(forward => forward.Protocol);
        StringBuilder text = new(Removal);
        Line(text, $"table ip {Table} {{");
        foreach ((PortProtocol protocol, string name) in Protocols) Map(text, name, byProtocol[protocol]);
        Chain(text, "guard", "type filter hook prerouting priority raw; policy accept;", [
            // The node forwards connections of its own loopback to containers; that must not open its loopback to them.
            $"iifname \"{bridge}\" ip daddr 127.0.0.0/8 drop"]);
        List<string> published = [.. Protocols.Where(protocol => byProtocol[protocol.Protocol].Any()).Select(protocol => $"dnat ip to {protocol.Name} dport map @{protocol.Name}_ports")];
        Chain(text, "published", "", published);
        Chain(text, "prerouting", "type nat hook prerouting priority dstnat; policy accept;", ["fib daddr type local jump published"]);
        Chain(text, "output", "type nat hook output priority -100; policy accept;", ["fib daddr type local jump published"]);
        Chain(text, "postrouting", "type nat hook postrouting priority srcnat; policy accept;", [
            $"ip saddr {subnet} oifname != \"{bridge}\" masquerade",
            // From the node's loopback, and from one container to another through the node's port: else the answer would not come back here.
            $"ip saddr {{ 127.0.0.0/8, {subnet} }} oifname \"{bridge}\" ct status dnat masquerade"]);
        text.Append("}\n");
        return text.ToString();
    }

    public static string MapName(PortProtocol protocol) => Array.Find(Protocols, known => known.Protocol == protocol).Name + "_ports";

    private static void Map(StringBuilder text, string name, IEnumerable<PortForward> forwards)
    {
        Line(text, $"\tmap {name}_ports {{");
        Line(text, "\t\ttype inet_service : ipv4_addr . inet_service");
        List<string> elements = [.. forwards.Select(forward => string.Create(CultureInfo.InvariantCulture, $"{forward.Port} : {forward.Address} . {forward.TargetPort}"))];
        if (elements.Count > 0) Line(text, $"\t\telements = {{ {string.Join(", ", elements)} }}");
        Line(text, "\t}");
    }

    private static void Chain(StringBuilder text, string name, string hook, IEnumerable<string> rules)
    {
        Line(text, $"\tchain {name} {{");
        if (hook.Length > 0) Line(text, "\t\t" + hook);
        foreach (string rule in rules) Line(text, "\t\t" + rule);
        Line(text, "\t}");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
