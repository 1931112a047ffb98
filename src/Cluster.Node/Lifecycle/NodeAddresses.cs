using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Cluster.Model;

namespace Cluster.Node.Lifecycle;

/// <summary>Reads the addresses that a user gives to init and join, and finds the obvious one when none is given.</summary>
internal static class NodeAddresses
{
    public const string DefaultListen = "0.0.0.0:2377";

    /// <summary>host, host:port, IPv6 with or without brackets; gives host:port.</summary>
    public static Result<string> WithPort(string text, string field)
    {
        string host = text.Trim();
        int port = NodeOptions.DefaultPort;
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? bare)) return Format(bare.ToString(), port);

        int colon = host.LastIndexOf(':');
        if (colon >= 0)
        {
            if (!int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                return Refusal.Invalid($"{field}: '{text}' has no valid port; write HOST:PORT with a port of 1-65535");
            }

            host = host[..colon].Trim('[', ']');
        }

        return Uri.CheckHostName(host) == UriHostNameType.Unknown
            ? Refusal.Invalid($"{field}: '{text}' is neither an address nor a host name")
            : Format(host, port);
    }

    /// <summary>The address that other nodes reach this one by.</summary>
    public static Result<string> Advertise(string given, string listenAddress)
    {
        if (given.Length > 0) return WithPort(given, "advertise-addr");
        string port = listenAddress[(listenAddress.LastIndexOf(':') + 1)..];
        string listenHost = listenAddress[..listenAddress.LastIndexOf(':')].Trim('[', ']');
        if (IPAddress.TryParse(listenHost, out IPAddress? listen) && !listen.Equals(IPAddress.Any) && !listen.Equals(IPAddress.IPv6Any)) return listenAddress;

        List<IPAddress> candidates = [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback && !i.Name.StartsWith("cluster", StringComparison.Ordinal))
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork)];
        return candidates.Count switch
        {
            1 => $"{candidates[0]}:{port}",
            0 => Refusal.FailedPrecondition("this machine has no IPv4 address besides loopback: give --advertise-addr"),
            _ => Refusal.Invalid($"this machine has several addresses ({string.Join(", ", candidates)}): choose one with --advertise-addr"),
        };
    }

    /// <summary>The same for a node that knows a manager: the address that its connections to that one come from is the obvious one.</summary>
    public static async Task<Result<string>> AdvertiseTowardsAsync(string given, string listenAddress, string manager, CancellationToken ct)
    {
        if (given.Length > 0) return Advertise(given, listenAddress);
        try
        {
            int colon = manager.LastIndexOf(':');
            IPAddress[] targets = await Dns.GetHostAddressesAsync(manager[..colon].Trim('[', ']'), ct);
            if (targets.Length > 0)
            {
                // Connecting a datagram socket sends nothing; it only chooses the route.
                using Socket probe = new(targets[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                probe.Connect(targets[0], NodeOptions.DefaultPort);
                return Format(((IPEndPoint)probe.LocalEndPoint!).Address.ToString(), int.Parse(listenAddress.AsSpan(listenAddress.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture));
            }
        }
        catch (SocketException)
        {
            // Found out below, or asked for.
        }

        return Advertise(given, listenAddress);
    }

    private static string Format(string host, int port) =>
        host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
}
