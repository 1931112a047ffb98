using Cluster.Api.V1;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary>Changes what a node is to be, also while others change it.</summary>
internal static class NodeChange
{
    /// <param name="daemon">Of any manager.</param>
    /// <param name="name">'self', a host name, an id or the start of one.</param>
    /// <param name="change">Done to the newest spec; whether anything is to be changed.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Whether something was changed.</returns>
    public static Task<bool> ApplyAsync(DaemonConnection daemon, string name, Func<NodeSpec, bool> change, CancellationToken ct) => NewestVersion.ChangeAsync(async () =>
    {
        Node node = (await daemon.CallAsync(() => daemon.Control.GetNodeAsync(new GetNodeRequest { Node = name }, daemon.Soon(ct)))).Node;
        if (!change(node.Spec)) return false;
        UpdateNodeRequest request = new() { NodeId = node.Id, Version = node.Meta.Version, Spec = node.Spec };
        await daemon.ChangeAsync(id => daemon.Control.UpdateNodeAsync(new UpdateNodeRequest(request) { RequestId = id }, daemon.Soon(ct)), ct);
        return true;
    });
}
