using Cluster.Api.V1;
using Cluster.Cli.Connection;
using Grpc.Core;

namespace Cluster.Cli.Nodes;

/// <summary>Changes what a node is to be, also while others change it.</summary>
internal static class NodeChange
{
    private const int MaxAttempts = 5;

    /// <param name="daemon">Of any manager.</param>
    /// <param name="name">'self', a host name, an id or the start of one.</param>
    /// <param name="change">Done to the newest spec; whether anything is to be changed.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Whether something was changed.</returns>
    public static async Task<bool> ApplyAsync(DaemonConnection daemon, string name, Func<NodeSpec, bool> change, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            Node node = (await daemon.CallAsync(() => daemon.Control.GetNodeAsync(new GetNodeRequest { Node = name }, daemon.Soon(ct)))).Node;
            if (!change(node.Spec)) return false;
            try
            {
                UpdateNodeRequest request = new() { NodeId = node.Id, Version = node.Meta.Version, Spec = node.Spec };
                await daemon.ChangeAsync(id => daemon.Control.UpdateNodeAsync(new UpdateNodeRequest(request) { RequestId = id }, daemon.Soon(ct)), ct);
                return true;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Aborted && attempt < MaxAttempts)
            {
                // Someone changed the node in between: the same change on what it is now.
            }
        }
    }
}
