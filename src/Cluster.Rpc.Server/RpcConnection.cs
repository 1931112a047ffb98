using Grpc.Core;

namespace Cluster.Rpc.Server;

/// <summary>A connection that speaks an <see cref="RpcProtocol"/>.</summary>
/// <param name="Peer">The other end.</param>
/// <param name="Verdict">What <see cref="RpcServerOptions.Authorize"/> says. When it is not OK nothing may be read; how to say so is the protocol's matter.</param>
/// <param name="Stream">The bytes in the clear.</param>
/// <param name="Ended">Cancelled when the connection is lost or the server stops.</param>
public sealed record RpcConnection(RpcPeer Peer, Status Verdict, Stream Stream, CancellationToken Ended);
