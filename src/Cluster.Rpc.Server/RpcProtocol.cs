namespace Cluster.Rpc.Server;

/// <summary>
/// A protocol beside gRPC on the TLS endpoints of a server: a client that names it in the handshake (ALPN) gets the bare connection instead of
/// HTTP/2. For streams between servers for which HTTP/2's layers cost too much.
/// </summary>
/// <param name="Name">As in the handshake.</param>
/// <param name="Method">The name under which <see cref="RpcServerOptions.Authorize"/> is asked.</param>
/// <param name="ServeAsync">Owns the connection until it returns; the server closes it then. Failures of the connection may be thrown.</param>
public sealed record RpcProtocol(string Name, string Method, Func<RpcConnection, Task> ServeAsync);
