using System.Buffers.Binary;
using System.Net;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Network.Netlink;

/// <summary>
/// Asks one network namespace's kernel tables: that of the thread that made the socket, wherever it is used. One request at a time, each
/// answered before the next. For one thread at a time.
/// </summary>
internal sealed class RouteSocket : IDisposable
{
    private readonly SafeFileHandle _socket = Interop.OpenRouteSocket();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private uint _sequence;

    public void AddBridge(string name, byte[] hardwareAddress) => Change($"add the bridge {name}", RouteMessages.AddBridge(++_sequence, name, hardwareAddress));

    public void AddVeth(string name, string peerName, byte[] peerHardwareAddress, SafeFileHandle peerNamespace) =>
        Change($"add the device {name}", RouteMessages.AddVeth(++_sequence, name, peerName, peerHardwareAddress, (int)peerNamespace.DangerousGetHandle()));

    public void Join(Link link, Link bridge, string alias) => Change($"join {link.Name} to {bridge.Name}", RouteMessages.Join(++_sequence, link.Index, bridge.Index, alias));

    public void SwitchOn(Link link) => Change($"switch on {link.Name}", RouteMessages.SwitchOn(++_sequence, link.Index));

    /// <summary>A device that is gone is success.</summary>
    public void Delete(Link link) => Change($"delete {link.Name}", RouteMessages.DeleteLink(++_sequence, link.Index), NetlinkException.NoSuchDevice);

    /// <summary>An address that is there is success.</summary>
    public void AddAddress(Link link, IPAddress address, int prefixLength) =>
        Change($"add {address} to {link.Name}", RouteMessages.AddAddress(++_sequence, link.Index, address, prefixLength), NetlinkException.Exists);

    public void SetDefaultRoute(Link link, IPAddress gateway) => Change($"route by {gateway}", RouteMessages.SetDefaultRoute(++_sequence, link.Index, gateway));

    public IReadOnlyList<Link> Links() => [.. Ask("list devices", RouteMessages.ListLinks(++_sequence), NetlinkType.NewLink).Select(payload => Link.Parse(payload.Span))];

    public Link? FindLink(string name) => Links().FirstOrDefault(link => link.Name.Equals(name, StringComparison.Ordinal));

    /// <summary>IPv4 addresses with the index of their device.</summary>
    public IReadOnlyList<(int Index, IPNetwork Address, IPAddress Own)> Addresses()
    {
        List<(int, IPNetwork, IPAddress)> addresses = [];
        foreach (ReadOnlyMemory<byte> payload in Ask("list addresses", RouteMessages.ListAddresses(++_sequence), NetlinkType.NewAddress))
        {
            ReadOnlySpan<byte> local = NetlinkReader.Attribute(payload.Span, 8, NetlinkAttribute.AddressLocal);
            if (payload.Span[0] != 2 || local.Length != 4) continue;
            addresses.Add((BinaryPrimitives.ReadInt32LittleEndian(payload.Span[4..]), Subnet.Containing(new IPAddress(local), payload.Span[1]), new IPAddress(local)));
        }

        return addresses;
    }

    /// <summary>Where IPv4 packets are routed to, without the default route.</summary>
    public IReadOnlyList<IPNetwork> Destinations()
    {
        List<IPNetwork> destinations = [];
        foreach (ReadOnlyMemory<byte> payload in Ask("list routes", RouteMessages.ListRoutes(++_sequence), NetlinkType.NewRoute))
        {
            ReadOnlySpan<byte> destination = NetlinkReader.Attribute(payload.Span, 12, NetlinkAttribute.RouteDestination);
            if (payload.Span[0] == 2 && destination.Length == 4) destinations.Add(Subnet.Containing(new IPAddress(destination), payload.Span[1]));
        }

        return destinations;
    }

    public void Dispose() => _socket.Dispose();

    private void Change(string operation, byte[] request, int acceptedError = 0)
    {
        try
        {
            Ask(operation, request, NetlinkType.Error);
        }
        catch (NetlinkException e) when (e.Error == acceptedError)
        {
            // The kernel is as it should be.
        }
    }

    /// <summary>Sends and collects until the acknowledgement, or the end of the list.</summary>
    private List<ReadOnlyMemory<byte>> Ask(string operation, byte[] request, NetlinkType wanted)
    {
        Interop.Send(_socket, request);
        List<ReadOnlyMemory<byte>> answers = [];
        while (true)
        {
            ReadOnlyMemory<byte> rest = _buffer.AsSpan(0, Interop.Receive(_socket, _buffer)).ToArray();
            while (NetlinkReader.TryNext(ref rest, out NetlinkType type, out uint sequence, out ReadOnlyMemory<byte> payload))
            {
                if (sequence != _sequence) continue;
                if (type == NetlinkType.Done) return answers;
                if (type == wanted && type != NetlinkType.Error) answers.Add(payload);
                if (type != NetlinkType.Error) continue;
                int error = -BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
                return error == 0 ? answers : throw new NetlinkException(operation, error);
            }
        }
    }
}
