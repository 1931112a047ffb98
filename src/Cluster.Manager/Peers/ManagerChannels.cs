using System.Collections.Concurrent;
using Cluster.Rpc;

namespace Cluster.Manager.Peers;

/// <summary>Channels to other managers for calls that are over soon, one for each address, opened when needed. Thread-safe.</summary>
internal sealed class ManagerChannels(Func<string, RpcChannel> open) : IDisposable
{
    // There are as many as there were managers: a handful.
    private readonly ConcurrentDictionary<string, RpcChannel> _channels = new(StringComparer.Ordinal);

    public RpcChannel To(string address) => _channels.GetOrAdd(address, open);

    public void Dispose()
    {
        foreach (RpcChannel channel in _channels.Values) channel.Dispose();
    }
}
