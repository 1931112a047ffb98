using Cluster.Rpc.Server.Calls;
using Grpc.Core;

namespace Cluster.Rpc.Server;

/// <summary>What this server's calls know beyond the standard surface.</summary>
public static class ServerCallContextExtensions
{
    private static readonly object PeerKey = new();

    /// <summary>The other end of the call's connection.</summary>
    public static RpcPeer GetRpcPeer(this ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context is HttpServerCall call) return call.RpcPeer;
        return context.UserState.TryGetValue(PeerKey, out object? peer)
            ? (RpcPeer)peer
            : throw new InvalidOperationException($"The call is not one of {nameof(RpcServer)}: a test must call {nameof(SetRpcPeer)} first.");
    }

    /// <summary>Gives a test's own context its peer.</summary>
    public static void SetRpcPeer(this ServerCallContext context, RpcPeer peer)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.UserState[PeerKey] = peer;
    }

    /// <summary>
    /// Cancelled when the server begins to stop; <see cref="ServerCallContext.CancellationToken"/> follows after the grace. A handler that
    /// streams without end ends its stream on this one, so that the stop need not wait out the grace.
    /// </summary>
    public static CancellationToken GetStopToken(this ServerCallContext context) =>
        context is HttpServerCall call ? call.StopToken : CancellationToken.None;
}
