using Grpc.Core;

namespace Cluster.Rpc;

/// <summary>Options of an <see cref="RpcChannel"/>.</summary>
public sealed record RpcChannelOptions
{
    public const int DefaultMaxMessageBytes = 4 << 20;

    public required RpcAddress Address { get; init; }

    /// <summary>Null for plain HTTP/2: unix sockets and tests.</summary>
    public RpcClientTls? Tls { get; init; }

    /// <summary>Sent with every call, except for keys that the call sets itself.</summary>
    public Metadata? DefaultMetadata { get; init; }

    /// <summary>A larger response ends its call with ResourceExhausted.</summary>
    public int MaxReceiveMessageBytes { get; init; } = DefaultMaxMessageBytes;

    /// <summary>A larger request is refused with ResourceExhausted before it is sent.</summary>
    public int MaxSendMessageBytes { get; init; } = int.MaxValue;

    /// <summary>For the connection with its TLS handshake. A call may give up earlier through its deadline.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After this long without a frame from the server a ping is sent, also while no call is active. Off by default: servers written with
    /// grpc-go (containerd) close a connection that is pinged more often than every five minutes.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Without an answer to a ping within this time, the connection is closed and its calls end with Unavailable.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection older than this takes no new calls, so that renewed certificates come into use. Infinite by default.</summary>
    public TimeSpan MaxConnectionAge { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Open further connections when a server's limit of streams per connection is reached, instead of waiting.</summary>
    public bool UseMultipleConnections { get; init; } = true;

    /// <summary>Compress requests with gzip. Responses are accepted compressed in any case.</summary>
    public bool CompressRequests { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
