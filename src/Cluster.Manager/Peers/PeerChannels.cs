using Cluster.Model.Certificates;
using Cluster.Rpc;

namespace Cluster.Manager.Peers;

/// <summary>Connections to other managers: mutual TLS, where the other end has to be a manager of this cluster, wherever it is.</summary>
internal static class PeerChannels
{
    // Raft misses a silent member within a second, but its connection may hang for minutes when the machine is gone.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(3);

    // A TLS handshake on a busy machine takes hundreds of milliseconds.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="FormatException">The address is none.</exception>
    public static RpcChannel Open(PeerOptions options, string address) => new(new RpcChannelOptions
    {
        Address = RpcAddress.Parse(address),
        Tls = new RpcClientTls
        {
            ServerName = CertificateIdentity.ManagerUnit,
            Certificate = options.Certificate,
            ValidateServer = (_, certificate, chain, _) => options.Trust.IsManager(certificate, chain),
        },
        ConnectTimeout = ConnectTimeout,
        KeepAlivePingDelay = PingDelay,
        KeepAlivePingTimeout = PingTimeout,
        TimeProvider = options.TimeProvider,
    });
}
