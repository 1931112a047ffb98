using System.Net;

namespace Cluster.Rpc.Server;

/// <summary>A place where a server listens: TCP with or without TLS, or a unix socket.</summary>
public sealed class RpcEndpoint
{
    /// <summary>Read and write for the owner only.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private RpcEndpoint(IPEndPoint? address, RpcServerTls? tls, string? unixPath, UnixFileMode unixMode)
    {
        Address = address;
        Tls = tls;
        UnixPath = unixPath;
        UnixMode = unixMode;
    }

    /// <summary>Null for a unix socket.</summary>
    public IPEndPoint? Address { get; }

    public RpcServerTls? Tls { get; }

    public string? UnixPath { get; }

    public UnixFileMode UnixMode { get; }

    /// <summary>Listens with TLS. Port 0 takes a free one (see <see cref="RpcServer.Addresses"/>).</summary>
    public static RpcEndpoint Tcp(IPEndPoint address, RpcServerTls tls)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(tls);
        return new RpcEndpoint(address, tls, unixPath: null, unixMode: default);
    }

    /// <summary>Listens without TLS: whoever reaches the port can call and read everything.</summary>
    public static RpcEndpoint PlainTcp(IPEndPoint address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new RpcEndpoint(address, tls: null, unixPath: null, unixMode: default);
    }

    /// <summary>
    /// Listens on a unix socket, which has its mode from its first moment on. A socket that nobody listens on any more is removed first.
    /// </summary>
    public static RpcEndpoint Unix(string path, UnixFileMode mode = OwnerOnly)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new RpcEndpoint(address: null, tls: null, path, mode);
    }

    public override string ToString() => UnixPath is not null ? "unix://" + UnixPath : Address!.ToString();
}
