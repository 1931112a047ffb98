using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

/// <summary>A call or a connection that goes on, and can be ended because it is not allowed any more.</summary>
internal interface IOpenCall
{
    string MethodName { get; }

    RpcPeer RpcPeer { get; }

    /// <summary>Ends it, and says why where that can be said. Any thread.</summary>
    void Refuse(Status refusal);
}
