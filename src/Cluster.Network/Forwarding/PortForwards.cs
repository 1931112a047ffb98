using System.Net;
using Cluster.Model.Objects;

namespace Cluster.Network.Forwarding;

/// <summary>
/// The ports that are forwarded. The kernel's table is the record: it is read once, and replaced as a whole at every change. Used under
/// the plane's lock.
/// </summary>
internal sealed class PortForwards(string bridge)
{
    private List<PortForward>? _current;

    /// <summary>Forwards these ports, and no others, to the address; a port that another address had goes over to it.</summary>
    public async Task SetAsync(IPNetwork subnet, IPAddress address, IEnumerable<HostPort> ports, CancellationToken ct)
    {
        List<PortForward> wanted = [.. ports.Where(port => port.PublishedPort > 0).Select(port => new PortForward(port.Protocol, port.PublishedPort, address, port.TargetPort))];
        List<PortForward> before = _current ?? await ReadAsync(ct);
        List<PortForward> after = [.. before.Where(forward => !forward.Address.Equals(address) && !wanted.Exists(own => own.Protocol == forward.Protocol && own.Port == forward.Port)), .. wanted];
        await ApplyAsync(subnet, before, after, ct);
    }

    /// <summary>Forwards nothing to other addresses than these.</summary>
    public async Task KeepOnlyAsync(IPNetwork subnet, IReadOnlySet<IPAddress> addresses, CancellationToken ct)
    {
        Forget(); // the table itself is made anew, whatever it looked like
        List<PortForward> before = await ReadAsync(ct);
        await ApplyAsync(subnet, before, [.. before.Where(forward => addresses.Contains(forward.Address))], ct);
    }

    /// <summary>Somebody else may have changed the table: the next change writes it anew.</summary>
    public void Forget() => _current = null;

    public async Task RemoveTableAsync(CancellationToken ct)
    {
        await NftTool.ApplyAsync(NftRuleset.Removal, ct);
        _current = null;
    }

    private static async Task<List<PortForward>> ReadAsync(CancellationToken ct) => await NftTool.ListAsync(NftRuleset.Table, ct) is { } json ? [.. NftState.Parse(json)] : [];

    private async Task ApplyAsync(IPNetwork subnet, List<PortForward> before, List<PortForward> after, CancellationToken ct)
    {
        if (_current is not null && before.ToHashSet().SetEquals(after)) return;
        _current = null; // unknown until the kernel has taken it
        await NftTool.ApplyAsync(NftRuleset.Render(bridge, subnet, after), ct);
        _current = after;
    }
}
