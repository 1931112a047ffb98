using System.Globalization;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Model.Parsing;

/// <summary>
/// The values of <c>--publish</c>: short <c>[published:]target[/protocol]</c> with ranges (<c>8000-8009:80-89/udp</c>), long
/// <c>published=8080,target=80,protocol=tcp,mode=host</c>. Without a mode it is ingress, as in Swarm.
/// </summary>
public static class PortSyntax
{
    public const int FirstPort = 1;
    public const int LastPort = 65535;

    private const string Advice = "write [published:]target[/tcp|udp|sctp], such as 8080:80, or published=8080,target=80,protocol=tcp,mode=host";

    public static Result<ValueList<PortSpec>> Parse(string text) => text.Contains('=', StringComparison.Ordinal) ? ParseLong(text) : ParseShort(text);

    /// <summary>As <c>service ls</c> shows a port: <c>*:8080->80/tcp</c>.</summary>
    public static string Format(PortSpec port)
    {
        string published = port.PublishedPort == 0 ? "" : port.PublishedPort.ToString(CultureInfo.InvariantCulture);
        return $"*:{published}->{port.TargetPort.ToString(CultureInfo.InvariantCulture)}/{Name(port.Protocol)}";
    }

    public static string Name(PortProtocol protocol) => protocol switch
    {
        PortProtocol.Tcp => "tcp",
        PortProtocol.Udp => "udp",
        _ => "sctp",
    };

    private static Result<ValueList<PortSpec>> ParseShort(string text)
    {
        string[] protocolParts = text.Split('/');
        Result<PortProtocol> protocol = protocolParts.Length switch
        {
            1 => PortProtocol.Tcp,
            2 => ParseProtocol(protocolParts[1]),
            _ => Refusal.Invalid($"'{text}' is not a port: {Advice}"),
        };
        if (protocol.Refusal is { } badProtocol) return badProtocol;

        string[] sides = protocolParts[0].Split(':');
        if (sides.Length > 2)
            return Refusal.Unsupported($"'{text}': publishing on one address of a node is not possible; {Advice}");
        if (!TryParseRange(sides[^1], out int targetFirst, out int targetLast)) return Refusal.Invalid($"'{text}' is not a port: {Advice}");
        int publishedFirst = 0, publishedLast = 0;
        if (sides.Length == 2 && sides[0].Length > 0 && !TryParseRange(sides[0], out publishedFirst, out publishedLast))
            return Refusal.Invalid($"'{text}' is not a port: {Advice}");
        if (publishedFirst > 0 && publishedLast - publishedFirst != targetLast - targetFirst)
            return Refusal.Invalid($"'{text}': the two ranges of ports have different lengths");

        return Enumerable.Range(0, targetLast - targetFirst + 1)
            .Select(i => new PortSpec(protocol.Value, targetFirst + i, publishedFirst == 0 ? 0 : publishedFirst + i, PublishMode.Ingress))
            .ToValueList();
    }

    private static Result<ValueList<PortSpec>> ParseLong(string text)
    {
        Result<IReadOnlyList<(string Key, string? Value)>> fields = KeyValueFields.Parse(text);
        if (fields.Refusal is { } badFields) return badFields;
        PortSpec port = new(PortProtocol.Tcp, 0, 0, PublishMode.Ingress);
        foreach ((string key, string? value) in fields.Value)
        {
            switch (key)
            {
                case "published" or "target":
                    if (!TryParsePort(value, out int number)) return Refusal.Invalid($"'{key}={value}' in '{text}' is not a port from {FirstPort} to {LastPort}");
                    port = key == "target" ? port with { TargetPort = number } : port with { PublishedPort = number };
                    break;
                case "protocol":
                    Result<PortProtocol> protocol = ParseProtocol(value ?? "");
                    if (protocol.Refusal is { } badProtocol) return badProtocol;
                    port = port with { Protocol = protocol.Value };
                    break;
                case "mode":
                    if (value is not ("host" or "ingress")) return Refusal.Invalid($"'mode={value}' in '{text}': allowed are host and ingress");
                    port = port with { Mode = value == "host" ? PublishMode.Host : PublishMode.Ingress };
                    break;
                default:
                    return Refusal.Invalid($"'{key}' in '{text}' is not known: allowed are published, target, protocol and mode");
            }
        }

        if (port.TargetPort == 0) return Refusal.Invalid($"'{text}' names no target port: {Advice}");
        return ValueList.Create<PortSpec>([port]);
    }

    private static Result<PortProtocol> ParseProtocol(string text) => text.ToLowerInvariant() switch
    {
        "tcp" => PortProtocol.Tcp,
        "udp" => PortProtocol.Udp,
        "sctp" => PortProtocol.Sctp,
        _ => Refusal.Invalid($"protocol '{text}' is not known: allowed are tcp, udp and sctp"),
    };

    private static bool TryParseRange(string text, out int first, out int last)
    {
        string[] ends = text.Split('-');
        last = 0;
        if (ends.Length > 2 || !TryParsePort(ends[0], out first) || !TryParsePort(ends[^1], out last))
        {
            first = 0;
            return false;
        }

        return first <= last;
    }

    private static bool TryParsePort(string? text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= FirstPort and <= LastPort;
}
