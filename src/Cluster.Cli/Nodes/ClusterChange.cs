using Cluster.Api.V1;
using Cluster.Cli.Connection;
using Grpc.Core;

namespace Cluster.Cli.Nodes;

/// <summary>Changes the cluster's settings, also while others change them.</summary>
internal static class ClusterChange
{
    private const int MaxAttempts = 5;

    /// <param name="daemon">Of any manager.</param>
    /// <param name="change">Done to the newest settings.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task ApplyAsync(DaemonConnection daemon, Action<ClusterSpec> change, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            ClusterInfo cluster = (await daemon.CallAsync(() => daemon.Control.GetClusterAsync(new GetClusterRequest(), daemon.Soon(ct)))).Cluster;
            change(cluster.Spec);
            try
            {
                UpdateClusterRequest request = new() { Version = cluster.Meta.Version, Spec = cluster.Spec };
                await daemon.ChangeAsync(id => daemon.Control.UpdateClusterAsync(new UpdateClusterRequest(request) { RequestId = id }, daemon.Soon(ct)), ct);
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Aborted && attempt < MaxAttempts)
            {
                // Someone changed the cluster in between: the same change on what it is now.
            }
        }
    }
}
