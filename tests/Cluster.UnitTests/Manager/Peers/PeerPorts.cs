using System.Net;
using System.Net.Sockets;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>A port must be known before it is opened, because its address is told to others.</summary>
internal static class PeerPorts
{
    public static int Free()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
