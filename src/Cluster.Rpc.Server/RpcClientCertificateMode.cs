namespace Cluster.Rpc.Server;

/// <summary>Whether a client must show a certificate.</summary>
public enum RpcClientCertificateMode
{
    Required,

    /// <summary>A client without one is let in, with no certificate in its <see cref="RpcPeer"/>; one that is shown must be valid.</summary>
    Optional,

    /// <summary>None is asked for.</summary>
    None,
}
