using Cluster.Rpc;

namespace Cluster.Daemon.Wiring;

/// <summary>How the roles reach managers: over mutual TLS, noticing a peer that is gone, with room for a complete set of assignments.</summary>
internal static class NodeChannels
{
    private const int MaxMessageBytes = 64 << 20;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(3);

    // A connection goes on with the certificate that it began with; a younger one shows the renewed.
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    public static RpcChannel Open(string manager, RpcClientTls tls, TimeProvider timeProvider) => new(new RpcChannelOptions
    {
        Address = RpcAddress.Parse(manager),
        Tls = tls,
        MaxReceiveMessageBytes = MaxMessageBytes,
        ConnectTimeout = ConnectTimeout,
        KeepAlivePingDelay = PingDelay,
        KeepAlivePingTimeout = PingTimeout,
        MaxConnectionAge = MaxAge,
        TimeProvider = timeProvider,
    });
}
