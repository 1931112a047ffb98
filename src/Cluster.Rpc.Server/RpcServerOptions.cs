using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cluster.Rpc.Server;

/// <summary>Options of an <see cref="RpcServer"/>.</summary>
public sealed record RpcServerOptions
{
    public const int DefaultMaxMessageBytes = 4 << 20;

    public required IReadOnlyList<RpcEndpoint> Endpoints { get; init; }

    /// <summary>Made by the generated <c>BindService</c>.</summary>
    public required IReadOnlyList<ServerServiceDefinition> Services { get; init; }

    /// <summary>What the TLS endpoints speak beside gRPC.</summary>
    public IReadOnlyList<RpcProtocol> Protocols { get; init; } = [];

    /// <summary>
    /// Decides on each call before anything of it is read: gets the method's full name and the peer; another status than OK refuses the call.
    /// An exception refuses it too. Null lets everyone in.
    /// </summary>
    public Func<string, RpcPeer, Status>? Authorize { get; init; }

    /// <summary>
    /// Gets the exceptions that handlers did not mean to throw, with the method's full name. The caller only sees Unknown, without the text.
    /// </summary>
    public Action<string, Exception>? OnUnhandled { get; init; }

    /// <summary>A larger request ends its call with ResourceExhausted.</summary>
    public int MaxReceiveMessageBytes { get; init; } = DefaultMaxMessageBytes;

    /// <summary>A larger response ends its call with ResourceExhausted instead of being sent.</summary>
    public int MaxSendMessageBytes { get; init; } = int.MaxValue;

    /// <summary>Calls that one connection may have at a time; clients wait or open another connection.</summary>
    public int MaxStreamsPerConnection { get; init; } = 1000;

    /// <summary>Calls at a time over all connections, streams included; those above are refused with ResourceExhausted.</summary>
    public int MaxConcurrentCalls { get; init; } = 100_000;

    /// <summary>
    /// On whose account a call goes, over all connections: a name for the refusal, or null for who is not limited. Asked after
    /// <see cref="Authorize"/>. Null limits nobody.
    /// </summary>
    public Func<RpcPeer, string?>? IdentityOf { get; init; }

    /// <summary>Calls at a time of one identity, streams included; those above are refused with ResourceExhausted.</summary>
    public int MaxCallsPerIdentity { get; init; } = 1_000;

    /// <summary>Streams at a time of one identity.</summary>
    public int MaxStreamsPerIdentity { get; init; } = 256;

    /// <summary>Connections at a time; those above are closed.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>After this long without a frame from the client, a ping is sent; unanswered for as long again, the connection is closed.</summary>
    public TimeSpan KeepAlivePingInterval { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan TlsHandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a handler may go on after its deadline before its stream is reset.</summary>
    public TimeSpan DeadlineGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long active calls may go on after the server was told to stop, before they are cancelled.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Compress responses with gzip for clients that accept it. Requests are accepted compressed in any case.</summary>
    public bool CompressResponses { get; init; }

    /// <summary>Where the web server logs to; silent when null.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
