using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Rpc.Server;

/// <summary>The other end of a connection. One object per connection: what is derived from it can be kept with it.</summary>
public sealed class RpcPeer
{
    /// <summary>The certificate that the client showed, validated. Null without TLS, and where none was asked for or shown.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>What the client sent beside its certificate, a few at most; nobody has checked it.</summary>
    public IReadOnlyList<X509Certificate2> Intermediates { get; init; } = [];

    /// <summary>True for a unix socket.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Null for a unix socket.</summary>
    public EndPoint? RemoteEndPoint { get; init; }

    /// <summary>The effective user of the client process when it connected; unix sockets only.</summary>
    public int? UserId { get; init; }

    /// <summary>The client process when it connected; unix sockets only.</summary>
    public int? ProcessId { get; init; }

    public override string ToString() => IsLocal ? "unix" : RemoteEndPoint?.ToString() ?? "unknown";
}
