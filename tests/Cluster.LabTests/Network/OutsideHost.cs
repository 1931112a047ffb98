using System.Net;
using Cluster.Model.Ids;
using Cluster.Network.Namespaces;
using Cluster.Network.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Cluster.LabTests.Network;

/// <summary>Another machine, 192.0.2.2, on a cable to the calling thread's namespace, 192.0.2.1.</summary>
internal sealed class OutsideHost : IDisposable
{
    private const string DeviceName = "outside";
    private static readonly TaskId Name = new(UInt128.MaxValue - 7);

    private readonly NamespaceStore _namespaces;

    private OutsideHost(string directory) => _namespaces = new NamespaceStore(directory + "/outside");

    public static async Task<OutsideHost> JoinAsync(string directory)
    {
        OutsideHost host = new(directory);
        using RouteSocket there = await host._namespaces.EnsureAsync(Name);
        using RouteSocket here = new();
        using SafeFileHandle file = host._namespaces.Open(Name);
        here.AddVeth(DeviceName, "eth0", [2, 0, 0, 0, 0, 2], file);
        Link own = here.FindLink(DeviceName)!, peer = there.FindLink("eth0")!;
        here.AddAddress(own, IPAddress.Parse("192.0.2.1"), 24);
        here.SwitchOn(own);
        there.AddAddress(peer, IPAddress.Parse("192.0.2.2"), 24);
        there.SwitchOn(peer);
        return host;
    }

    /// <summary>Runs something there.</summary>
    public Task RunAsync(Func<Task> body)
    {
        string path = _namespaces.PathOf(Name);
        return IsolatedThread.RunAsync(async () =>
        {
            using (SafeFileHandle file = Cluster.Network.Interop.Open(path)) Cluster.Network.Interop.EnterNetworkNamespace(file);
            await body();
        });
    }

    public void Dispose() => _namespaces.Remove(Name);
}
