using Cluster.Rpc.Server.Calls;
using Grpc.Core;

namespace Cluster.Rpc.Server.Listening;

/// <summary>A connection that speaks an <see cref="RpcProtocol"/>, for as long as it does.</summary>
internal sealed class OpenConnection(string method, RpcPeer peer, CancellationTokenSource ended) : IOpenCall
{
    private readonly Lock _gate = new();
    private bool _isClosed;

    public string MethodName => method;

    public RpcPeer RpcPeer => peer;

    /// <summary>The other end finds out why when it comes again.</summary>
    public void Refuse(Status refusal)
    {
        lock (_gate)
        {
            if (!_isClosed) ended.Cancel();
        }
    }

    /// <summary>It has ended by itself.</summary>
    public void Close()
    {
        lock (_gate) _isClosed = true;
    }
}
